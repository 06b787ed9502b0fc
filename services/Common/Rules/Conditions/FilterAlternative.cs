namespace MLEvents.Rules.Conditions;

/// <summary>An Event Grid filter for one alternative of a condition. Every event that the alternative matches passes the filter. Other events may pass too.</summary>
internal sealed record FilterAlternative
{
    private const int MaxAlternatives = 64;

    /// <summary>The filter without restrictions: every event passes.</summary>
    public static FilterAlternative Unrestricted { get; } = new();

    /// <summary>The event types; null for all.</summary>
    public IReadOnlyList<string>? Types { get; init; }

    /// <summary>The prefix of the subject; empty for any.</summary>
    public string BeginsWith { get; init; } = "";

    /// <summary>The suffix of the subject; empty for any.</summary>
    public string EndsWith { get; init; } = "";

    /// <summary>Whether the subject is compared case-sensitively. The value has no effect if the filter does not restrict the subject.</summary>
    public bool CaseSensitive { get; init; } = true;

    /// <summary>The advanced filters. An event must match all of them.</summary>
    public IReadOnlyList<AdvancedFilter> Filters { get; init; } = [];

    /// <summary>The alternatives of the conjunction of two conditions.</summary>
    public static IReadOnlyList<FilterAlternative> Conjunction(IReadOnlyList<FilterAlternative> left, IReadOnlyList<FilterAlternative> right) =>
        Limit([.. left.SelectMany(one => right.Select(one.And)).OfType<FilterAlternative>()]);

    /// <summary>Returns the alternatives if there are at most 64. Otherwise, combines them into a single filter that passes every event that one of them passes.</summary>
    public static IReadOnlyList<FilterAlternative> Limit(IReadOnlyList<FilterAlternative> alternatives) =>
        alternatives.Count <= MaxAlternatives ? alternatives : [FilterUnion.Combine(alternatives)];

    // Null if the two filters have no event type in common: no event can match both.
    private FilterAlternative? And(FilterAlternative other)
    {
        IReadOnlyList<string>? types = Types is null ? other.Types : other.Types is null ? Types : [.. Types.Intersect(other.Types)];
        return types is { Count: 0 } ? null : new FilterAlternative
        {
            Types = types,
            BeginsWith = Longer(BeginsWith, other.BeginsWith),
            EndsWith = Longer(EndsWith, other.EndsWith),
            CaseSensitive = CaseSensitive && other.CaseSensitive,
            Filters = [.. Filters, .. other.Filters],
        };
    }

    private static string Longer(string left, string right) => left.Length >= right.Length ? left : right;
}
