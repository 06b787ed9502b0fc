using MLEvents.Rules.Templates;

namespace MLEvents.Rules;

/// <summary>
/// The limit on the messages of a rule in a period. One digest at the end of the period lists the events beyond the limit. A generic binding has no digest: its messages
/// beyond the limit are dropped.
/// </summary>
public sealed record AlertThrottle
{
    /// <summary>The largest value of <see cref="Max"/>.</summary>
    public const int MaxAlerts = 100;

    /// <summary>The shortest period.</summary>
    public static readonly TimeSpan MinPeriod = TimeSpan.FromMinutes(1);

    /// <summary>The longest period.</summary>
    public static readonly TimeSpan MaxPeriod = TimeSpan.FromDays(7);

    /// <summary>The largest number of messages in a period for a key, 1 to 100.</summary>
    public required int Max { get; init; }

    /// <summary>The period, 1 minute to 7 days.</summary>
    public required TimeSpan Per { get; init; }

    /// <summary>The key of a separate count: events for which this template renders to the same text are counted together. Null counts all events of the rule together.</summary>
    public Template? Key { get; init; }
}
