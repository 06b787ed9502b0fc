using System.Text.Json.Serialization;

namespace MLEvents.Events.Limits;

/// <summary>A limit on how many actions of a key run or start. It counts every action of the service that has a limit of the same kind and key, whichever rule requested the action.</summary>
/// <param name="Kind">The kind of count.</param>
/// <param name="Key">The key, in any letter case.</param>
/// <param name="Max">The largest number of actions, from 1.</param>
/// <param name="Period">The period in which starts are counted; null for <see cref="LimitKind.Concurrency"/>, which counts an action until it ends.</param>
/// <param name="WhenBusy">The handling of an action that the limit does not admit.</param>
public sealed record Limit(LimitKind Kind, string Key, int Max, TimeSpan? Period, WhenBusy WhenBusy)
{
    /// <summary>The longest period.</summary>
    public static readonly TimeSpan MaxPeriod = TimeSpan.FromDays(90);
}

/// <summary>The kind of count of a limit.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<LimitKind>))]
public enum LimitKind
{
    /// <summary>Actions that run at the same time (<c>concurrency</c> of a rule).</summary>
    Concurrency,

    /// <summary>The time since the last start: at most one start in the period (<c>cooldown</c> of a rule).</summary>
    Cooldown,

    /// <summary>Starts in a period (<c>budget</c> of a rule).</summary>
    Budget,
}

/// <summary>The handling of an action that a limit does not admit (<c>whenBusy</c> of a rule).</summary>
[JsonConverter(typeof(JsonStringEnumConverter<WhenBusy>))]
public enum WhenBusy
{
    /// <summary>The action is skipped.</summary>
    Skip,

    /// <summary>The action waits.</summary>
    Wait,

    /// <summary>The action waits. Only one action of a rule waits: the action with the newest event. It also acts for the events of the other waiting actions, which are skipped.</summary>
    Coalesce,
}
