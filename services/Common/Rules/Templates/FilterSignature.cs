using Fluid.Ast;
using Fluid.Values;

using MLEvents.Rules.Reading;

namespace MLEvents.Rules.Templates;

/// <summary>How many arguments a filter takes. The validation of a template checks the number.</summary>
/// <param name="Min">The smallest number of arguments.</param>
/// <param name="Max">The largest number of arguments.</param>
internal sealed record FilterSignature(int Min, int Max)
{
    /// <summary>The filters that templates may use, by name.</summary>
    public static IReadOnlyDictionary<string, FilterSignature> All { get; } = Signatures().ToDictionary(StringComparer.Ordinal);

    /// <summary>The error in the use of a filter: an unknown name or wrong arguments; null if there is none.</summary>
    public static string? FindProblem(FilterExpression filter)
    {
        if (!All.TryGetValue(filter.Name, out var signature))
        {
            return $"unknown filter '{filter.Name}'{Suggestion.Hint(filter.Name, All.Keys)}";
        }

        // Named arguments, such as `allow_false` of the filter `default`, are not counted.
        Expression[] given = [.. filter.Parameters.Where(parameter => string.IsNullOrEmpty(parameter.Name)).Select(parameter => parameter.Expression)];
        return given.Length < signature.Min || given.Length > signature.Max
            ? $"the filter '{filter.Name}' takes {signature.Count()}, not {given.Length}"
            : FindLiteralProblem(filter.Name, [.. given.Select(argument => (argument as LiteralExpression)?.Value)]);
    }

    private string Count() => (Min, Max) switch
    {
        (0, 0) => "no arguments",
        (1, 1) => "1 argument",
        _ when Min == Max => $"{Max} arguments",
        _ => $"{Min} to {Max} arguments",
    };

    private static string? FindLiteralProblem(string filter, FluidValue?[] given) => (filter, given) switch
    {
        ("date", [_, { } zone]) when !TimeZoneInfo.TryFindSystemTimeZoneById(zone.ToStringValue(), out _) =>
            $"unknown time zone '{zone.ToStringValue()}'; write an IANA name such as 'Asia/Dubai'",
        ("resource_name", [{ } length]) when length.ToNumberValue() is < ResourceName.MinLength or > ResourceName.MaxLength || length.Type != FluidValues.Number =>
            $"the length of 'resource_name' must be a number from {ResourceName.MinLength} to {ResourceName.MaxLength}, not '{length.ToStringValue()}'",
        _ => null,
    };

    private static IEnumerable<KeyValuePair<string, FilterSignature>> Signatures() =>
    [
        .. WithArguments(0, 0, "abs", "capitalize", "ceil", "downcase", "first", "floor", "json", "last", "lstrip", "newline_to_br", "reverse", "rstrip", "size", "strip", "strip_html"),
        .. WithArguments(0, 0, "slack_escape", "strip_newlines", "upcase", "url_encode"),
        .. WithArguments(0, 1, "compact", "default", "join", "resource_name", "round", "sort", "uniq"),
        .. WithArguments(1, 1, "append", "at_least", "at_most", "concat", "divided_by", "map", "minus", "modulo", "plus", "prepend", "remove", "remove_first", "split", "times"),
        .. WithArguments(0, 2, "truncate", "truncatewords"),
        .. WithArguments(1, 2, "date", "replace", "replace_first", "slice", "where"),
    ];

    private static IEnumerable<KeyValuePair<string, FilterSignature>> WithArguments(int min, int max, params string[] names) =>
        names.Select(name => KeyValuePair.Create(name, new FilterSignature(min, max)));
}
