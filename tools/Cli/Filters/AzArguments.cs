using System.Text.Json.Nodes;

namespace MLEvents.Cli.Filters;

/// <summary>A filter as arguments of <c>az eventgrid event-subscription create</c>.</summary>
internal static class AzArguments
{
    public static string Of(JsonObject filter) => string.Join(' ', Arguments(filter));

    private static IEnumerable<string> Arguments(JsonObject filter) =>
    [
        .. Strings(filter["includedEventTypes"], "--included-event-types"),
        .. Text(filter["subjectBeginsWith"], "--subject-begins-with"),
        .. Text(filter["subjectEndsWith"], "--subject-ends-with"),
        .. Flag(filter["isSubjectCaseSensitive"], "--subject-case-sensitive"),
        .. (filter["advancedFilters"]?.AsArray() ?? []).SelectMany(one => Advanced(one?.AsObject() ?? [])),
        .. Flag(filter["enableAdvancedFilteringOnArrays"], "--enable-advanced-filtering-on-arrays"),
    ];

    private static IEnumerable<string> Advanced(JsonObject filter)
    {
        var values = filter["values"]?.AsArray() ?? [filter["value"]?.DeepClone()];
        return [.. new[] { "--advanced-filter", Plain(filter["key"]), Plain(filter["operatorType"]) }, .. values.Where(value => value is not null).Select(Plain)];
    }

    private static IEnumerable<string> Strings(JsonNode? values, string option) => values is JsonArray { Count: > 0 } all ? [option, .. all.Select(Plain)] : [];

    private static IEnumerable<string> Text(JsonNode? value, string option) => value?.GetValue<string>() is { Length: > 0 } ? [option, Plain(value)] : [];

    private static IEnumerable<string> Flag(JsonNode? value, string option) => value?.GetValue<bool>() == true ? [option, "true"] : [];

    // A range is a pair with a comma.
    private static string Plain(JsonNode? value) => value is JsonArray pair ? string.Join(',', pair.Select(Plain)) : Quoted($"{value}");

    // For a POSIX shell: what it would take for its own is put in single quotes.
    private static string Quoted(string text) =>
        text.Length > 0 && text.All(letter => char.IsAsciiLetterOrDigit(letter) || "-_./:,+=@%".Contains(letter, StringComparison.Ordinal))
            ? text
            : $"'{text.Replace("'", "'\\''", StringComparison.Ordinal)}'";
}
