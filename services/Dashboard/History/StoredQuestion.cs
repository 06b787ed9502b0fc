using System.Globalization;

namespace MLEvents.Dashboard.History;

/// <summary>A question of a service: whether an action that waits for an approval may continue.</summary>
public sealed record StoredQuestion
{
    /// <summary>See <see cref="KeyOf"/>.</summary>
    public required string Id { get; init; }

    /// <summary>The action that waits.</summary>
    public required string ActionId { get; init; }

    /// <summary>The generation of the action. Each generation asks a new question.</summary>
    public int Generation { get; init; }

    /// <summary>The service that asks the question.</summary>
    public required string Service { get; init; }

    /// <summary>The rule that requested the action.</summary>
    public required string Rule { get; init; }

    /// <summary>The id of the action's chain.</summary>
    public required string CorrelationId { get; init; }

    /// <summary>The <see cref="StoredEvent.Key"/> of the event that caused the action.</summary>
    public required string EventKey { get; init; }

    /// <summary>The type of that event.</summary>
    public required string EventType { get; init; }

    /// <summary>The subject of that event.</summary>
    public required string EventSubject { get; init; }

    /// <summary>The people whom the rule asks, separated by commas.</summary>
    public required string AskedPeople { get; init; }

    /// <summary>The step that waits for the approval.</summary>
    public required string Before { get; init; }

    /// <summary>The evidence for the decision by name, as JSON.</summary>
    public required string Evidence { get; init; }

    /// <summary>Links by name, as JSON.</summary>
    public required string Links { get; init; }

    /// <summary>The time when the question was asked.</summary>
    public DateTimeOffset AskedAt { get; init; }

    /// <summary>The time when the question expires.</summary>
    public DateTimeOffset ExpiresAt { get; init; }

    /// <summary>The decision if the question expires: approve or reject.</summary>
    public required string OnTimeout { get; init; }

    /// <summary>The number of different people who must approve.</summary>
    public int Required { get; init; }

    /// <summary>The id of the question about one generation of an action.</summary>
    public static string KeyOf(string actionId, int generation) => string.Create(CultureInfo.InvariantCulture, $"{actionId}-{generation}");
}

/// <summary>A decision about a question. It may arrive before the question.</summary>
public sealed record StoredDecision
{
    /// <summary>The id of the activity event, which the service derives from the question and the number of the decision.</summary>
    public required string Id { get; init; }

    /// <summary>The <see cref="StoredQuestion.Id"/>.</summary>
    public required string QuestionId { get; init; }

    /// <summary>approved, rejected or superseded.</summary>
    public required string Decision { get; init; }

    /// <summary>The person who decided; <c>time-out</c> if the question expired.</summary>
    public required string DecidedBy { get; init; }

    /// <summary>The comment; null if there is none.</summary>
    public string? Comment { get; init; }

    /// <summary>The time of the decision.</summary>
    public DateTimeOffset At { get; init; }

    /// <summary>Whether the decision settled the question.</summary>
    public bool IsFinal { get; init; }
}
