using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace MLEvents.Rules.Rollouts;

/// <summary>The path of one value in a JSON document: a singular query of RFC 9535, such as <c>$[0].score</c> or <c>$['class name'][-1]</c>.</summary>
public sealed partial class JsonPath
{
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

    private static string Unescape(string quoted) => Escaped().Replace(quoted, "$1");

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

    [GeneratedRegex("""\A\$(\.[\p{L}_][\p{L}\p{N}_]*|\[('(\\.|[^'\\])*'|"(\\.|[^"\\])*"|-?[0-9]{1,9})\])*\z""", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex Query();

    [GeneratedRegex("""\.(?<name>[\p{L}_][\p{L}\p{N}_]*)|\[('(?<quoted>(\\.|[^'\\])*)'|"(?<quoted>(\\.|[^"\\])*)"|(?<index>-?[0-9]{1,9}))\]""", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex SegmentPattern();

    [GeneratedRegex(@"\\(.)", RegexOptions.CultureInvariant)]
    private static partial Regex Escaped();

    private readonly record struct Segment(string? Name, int Index);
}
