using System.Text.Json.Serialization;

namespace MLEvents.Events.Limits;

/// <summary>A limit on how many actions of a key run or start. Every action of the service that names the kind and the key counts, whichever rule requested it.</summary>
/// <param name="Kind">What is counted.</param>
/// <param name="Key">The key. Upper and lower case are the same.</param>
/// <param name="Max">How many actions, from 1.</param>
/// <param name="Period">The time in which starts are counted; null for <see cref="LimitKind.Concurrency"/>, whose places are held until the action ends.</param>
/// <param name="WhenBusy">What happens to an action that the limit does not admit.</param>
public sealed record Limit(LimitKind Kind, string Key, int Max, TimeSpan? Period, WhenBusy WhenBusy);

/// <summary>What a limit counts.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<LimitKind>))]
public enum LimitKind
{
    /// <summary>Actions that run at the same time.</summary>
    Concurrency,

    /// <summary>Starts since the last one: one in the period.</summary>
    Cooldown,

    /// <summary>Starts in a period.</summary>
    Budget,
}

/// <summary>What happens to an action that a limit does not admit.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<WhenBusy>))]
public enum WhenBusy
{
    /// <summary>It is skipped.</summary>
    Skip,

    /// <summary>It waits.</summary>
    Wait,

    /// <summary>It waits, and of the waiting actions of its rule only the one with the newest event stays; that one stands for the events of the others.</summary>
    Coalesce,
}
