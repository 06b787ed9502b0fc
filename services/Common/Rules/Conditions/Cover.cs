namespace MLEvents.Rules.Conditions;

/// <summary>What Event Grid could be asked for on behalf of one alternative of a condition; it lets through at least what the alternative holds for.</summary>
internal sealed record Cover
{
    private const int Most = 64;

    /// <summary>Asks for nothing.</summary>
    public static Cover Everything { get; } = new();

    /// <summary>The event types; null for all.</summary>
    public IReadOnlyList<string>? Types { get; init; }

    /// <summary>What the subject begins with; empty for anything.</summary>
    public string BeginsWith { get; init; } = "";

    /// <summary>What the subject ends with; empty for anything.</summary>
    public string EndsWith { get; init; } = "";

    /// <summary>Whether the subject's case matters; true also where nothing is asked of it.</summary>
    public bool CaseSensitive { get; init; } = true;

    /// <summary>The advanced filters, which all hold.</summary>
    public IReadOnlyList<AdvancedFilter> Filters { get; init; } = [];

    /// <summary>The alternatives of two conditions that both hold.</summary>
    public static IReadOnlyList<Cover> Both(IReadOnlyList<Cover> left, IReadOnlyList<Cover> right) =>
        Few([.. left.SelectMany(one => right.Select(one.And)).OfType<Cover>()]);

    /// <summary>The alternatives, or one that covers them all when there are too many to go on with.</summary>
    public static IReadOnlyList<Cover> Few(IReadOnlyList<Cover> alternatives) =>
        alternatives.Count <= Most ? alternatives : [CoverUnion.Combine(alternatives)];

    // Null: no event has two types, so nothing is left to cover.
    private Cover? And(Cover other)
    {
        IReadOnlyList<string>? types = Types is null ? other.Types : other.Types is null ? Types : [.. Types.Intersect(other.Types)];
        return types is { Count: 0 } ? null : new Cover
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
