using MLEvents.Rules.Templates;

namespace MLEvents.Rules;

/// <summary>How many messages a rule sends in a period. One digest at the end of the period lists the others; of a binding with data of its own, the others are left out.</summary>
public sealed record AlertThrottle
{
    /// <summary>Most messages of a period, 1 to 100.</summary>
    public const int Most = 100;

    /// <summary>The shortest period.</summary>
    public static readonly TimeSpan Shortest = TimeSpan.FromMinutes(1);

    /// <summary>The longest period.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromDays(7);

    /// <summary>Most messages of a period and key, 1 to 100.</summary>
    public required int Max { get; init; }

    /// <summary>The period, 1 minute to 7 days.</summary>
    public required TimeSpan Per { get; init; }

    /// <summary>What is counted apart: events for which it renders to the same text are counted together. Null counts all events of the rule together.</summary>
    public Template? Key { get; init; }
}
