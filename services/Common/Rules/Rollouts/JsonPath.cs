using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace MLEvents.Rules.Rollouts;

/// <summary>The path of one value in a JSON document: a singular query of RFC 9535, such as <c>$[0].score</c> or <c>$['class name'][-1]</c>.</summary>
public sealed partial class JsonPath
{
    // The escapes of RFC 9535, section 2.3.1.1. A surrogate is valid only in a pair. A quote is escaped only in a name with the same quotes.
    private const string Escape = """\\([bfnrt/\\]|u([0-9A-CEFa-cef][0-9A-Fa-f]{3}|[Dd][0-7][0-9A-Fa-f]{2}|[Dd][89ABab][0-9A-Fa-f]{2}\\u[Dd][C-Fc-f][0-9A-Fa-f]{2}))""";
    private const string OneSegment = $$"""(\.(?<name>[\p{L}_][\p{L}\p{N}_]*)|\[('(?<quoted>({{Escape}}|\\'|[^'\\])*)'|"(?<quoted>({{Escape}}|\\"|[^"\\])*)"|(?<index>-?[0-9]{1,9}))\])""";

    private readonly Segment[] _segments;

    private JsonPath(Segment[] segments) => _segments = segments;

    /// <summary>Reads a query.</summary>
    /// <param name="text">The text: <c>$</c>, then names (<c>.name</c>, <c>['name']</c>) and indexes (<c>[0]</c>, from the end <c>[-1]</c>).</param>
    /// <param name="path">The path; null if the text is not a singular query.</param>
    public static bool TryParse(string text, [NotNullWhen(true)] out JsonPath? path)
    {
        path = null;
        if (!Query().IsMatch(text))
        {
            return false;
        }

        var segments = new List<Segment>();
        foreach (Match match in SegmentPattern().Matches(text))
        {
            if (ToSegment(match) is not { } segment)
            {
                return false;
            }

            segments.Add(segment);
        }

        path = new JsonPath([.. segments]);
        return true;
    }

    /// <summary>Finds the value in a document; null if the document does not have it.</summary>
    public JsonElement? Find(JsonElement document)
    {
        var found = document;
        foreach (var (name, index) in _segments)
        {
            if (name is not null ? !TryMember(found, name, out found) : !TryItem(found, index, out found))
            {
                return null;
            }
        }

        return found;
    }

    private static Segment? ToSegment(Match match)
    {
        var index = match.Groups["index"];
        if (!index.Success)
        {
            return new(match.Groups["name"].Success ? match.Groups["name"].Value : Unescape(match.Groups["quoted"].Value), 0);
        }

        return int.TryParse(index.Value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? new(null, number) : null;
    }

    private static string Unescape(string quoted) => Escaped().Replace(quoted, escape => escape.Value[1] switch
    {
        'b' => "\b",
        'f' => "\f",
        'n' => "\n",
        'r' => "\r",
        't' => "\t",
        'u' => new string((char)ushort.Parse(escape.ValueSpan[2..], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture), 1),
        _ => escape.Value[1..],
    });

    private static bool TryMember(JsonElement value, string name, out JsonElement member)
    {
        member = default;
        return value.ValueKind == JsonValueKind.Object && value.TryGetProperty(name, out member);
    }

    private static bool TryItem(JsonElement value, int index, out JsonElement item)
    {
        item = default;
        if (value.ValueKind != JsonValueKind.Array)
        {
            return false;
        }

        var place = index < 0 ? value.GetArrayLength() + index : index;
        if (place < 0 || place >= value.GetArrayLength())
        {
            return false;
        }

        item = value[place];
        return true;
    }

    [GeneratedRegex(@"\A\$" + OneSegment + @"*\z", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex Query();

    [GeneratedRegex(OneSegment, RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex SegmentPattern();

    [GeneratedRegex(@"\\(u[0-9A-Fa-f]{4}|.)", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex Escaped();

    private readonly record struct Segment(string? Name, int Index);
}
