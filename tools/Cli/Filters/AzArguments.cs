using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace MLEvents.Cli.Filters;

/// <summary>A filter as arguments of <c>az eventgrid event-subscription create</c>.</summary>
/// <param name="Text">The arguments, quoted for a POSIX shell and for <c>xargs</c>.</param>
/// <param name="Notes">The filters that cannot be passed to az. Without them, the subscription delivers more events than the rules need.</param>
internal sealed partial record AzArguments(string Text, IReadOnlyList<string> Notes)
{
    /// <summary>Creates the arguments for a filter.</summary>
    public static AzArguments From(JsonObject filter)
    {
        var notes = new List<string>();
        var advanced = (filter["advancedFilters"]?.AsArray() ?? []).OfType<JsonObject>().SelectMany(one => Advanced(one, notes)).ToList();
        string[] arguments =
        [
            .. Types(filter, notes),
            .. Subject(filter, "subjectBeginsWith", "--subject-begins-with", notes),
            .. Subject(filter, "subjectEndsWith", "--subject-ends-with", notes),
            .. Flag(filter["isSubjectCaseSensitive"], "--subject-case-sensitive"),
            .. advanced,
            .. Flag(filter["enableAdvancedFilteringOnArrays"], "--enable-advanced-filtering-on-arrays"),
        ];
        return new(string.Join(' ', arguments.Select(Quoted)), notes);
    }

    private static List<string> Advanced(JsonObject filter, List<string> notes)
    {
        var values = filter["values"]?.AsArray() ?? [filter["value"]?.DeepClone()];
        List<string> words = [$"{filter["key"]}", $"{filter["operatorType"]}", .. values.Where(value => value is not null).Select(Plain)];
        if (words.Find(word => !CanPass(word)) is not { } refused)
        {
            return ["--advanced-filter", .. words];
        }

        notes.Add(LeftOut($"{words[0]} {words[1]}", refused));
        return [];
    }

    private static string LeftOut(string filter, string value) =>
        $"the filter '{filter}' is left out, because az does not accept the value '{value.ReplaceLineEndings("\\n")}'. The rules still check the events. --format json and --format bicep contain the filter.";

    // az reads a word with a leading dash as an option, except a plain negative number. It reads a word with a leading @ as the name of a file. xargs splits at
    // line breaks.
    private static bool CanPass(string word) =>
        !HasLineBreak(word) && (word is not ['-', _, ..] || NegativeNumber.IsMatch(word)) && word is not ['@', ..];

    private static bool HasLineBreak(string word) => word.Contains('\n', StringComparison.Ordinal);

    // If az does not accept one type, the whole option is left out, and the subscription delivers all types. If only that type were left out, the rules would miss its events.
    private static List<string> Types(JsonObject filter, List<string> notes)
    {
        List<string> types = [.. (filter["includedEventTypes"]?.AsArray() ?? []).Select(Plain)];
        if (types.Find(type => !CanPass(type)) is { } refused)
        {
            notes.Add(LeftOut("includedEventTypes", refused));
            return [];
        }

        return types.Count == 0 ? [] : ["--included-event-types", .. types];
    }

    // A value may begin with a dash or an @ if it is in one word with its option.
    private static List<string> Subject(JsonObject filter, string key, string option, List<string> notes)
    {
        if (filter[key]?.GetValue<string>() is not { Length: > 0 } text)
        {
            return [];
        }

        if (HasLineBreak(text))
        {
            notes.Add(LeftOut(key, text));
            return [];
        }

        return CanPass(text) ? [option, text] : [$"{option}={text}"];
    }

    private static IEnumerable<string> Flag(JsonNode? value, string option) => value?.GetValue<bool>() == true ? [option, "true"] : [];

    // A range is two numbers with a comma between them.
    private static string Plain(JsonNode? value) => value is JsonArray pair ? string.Join(',', pair.Select(Plain)) : $"{value}";

    private static string Quoted(string text) =>
        text.Length > 0 && text.All(letter => char.IsAsciiLetterOrDigit(letter) || "-_./:,+=@%".Contains(letter, StringComparison.Ordinal))
            ? text
            : $"'{text.Replace("'", "'\\''", StringComparison.Ordinal)}'";

    [GeneratedRegex(@"\A-(\d+|\d*\.\d+)\z")]
    private static partial Regex NegativeNumber { get; }
}
