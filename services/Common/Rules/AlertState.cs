using MLEvents.Rules.Conditions;
using MLEvents.Rules.Templates;

namespace MLEvents.Rules;

/// <summary>Makes the alerts of a rule stateful: the first opening event is sent, repetitions are counted, and the resolving event is sent once.</summary>
public sealed record AlertState
{
    /// <summary>The key of an alert: events for which this template renders to the same text belong to one alert.</summary>
    public required Template Key { get; init; }

    /// <summary>The events that open the alert.</summary>
    public required Condition Open { get; init; }

    /// <summary>The events that resolve the alert, unless <see cref="Open"/> holds for them too.</summary>
    public required Condition Resolve { get; init; }

    /// <summary>The shortest time from the last message to a reminder. A further opening event after this time is sent as a reminder. Null for no reminders.</summary>
    public TimeSpan? Remind { get; init; }
}
