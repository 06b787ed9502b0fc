using System.Globalization;

namespace MLEvents.Dashboard.History;

/// <summary>A question about an action that waits for an approval, as its service asked it.</summary>
public sealed record StoredQuestion
{
    /// <summary>See <see cref="KeyOf"/>.</summary>
    public required string Id { get; init; }

    /// <summary>The action that waits.</summary>
    public required string ActionId { get; init; }

    /// <summary>The generation of the action that asks. Each generation asks again.</summary>
    public int Generation { get; init; }

    /// <summary>The service that asks.</summary>
    public required string Service { get; init; }

    /// <summary>The rule that asked for the action.</summary>
    public required string Rule { get; init; }

    /// <summary>The chain that the action belongs to.</summary>
    public required string CorrelationId { get; init; }

    /// <summary>The <see cref="StoredEvent.Key"/> of the event that caused the action.</summary>
    public required string EventKey { get; init; }

    /// <summary>The type of that event.</summary>
    public required string EventType { get; init; }

    /// <summary>The subject of that event.</summary>
    public required string EventSubject { get; init; }

    /// <summary>Whom the rule asks, separated by commas.</summary>
    public required string AskedPeople { get; init; }

    /// <summary>The step that waits.</summary>
    public required string Before { get; init; }

    /// <summary>What the decision can be based on, by name, as JSON.</summary>
    public required string Evidence { get; init; }

    /// <summary>Links by name, as JSON.</summary>
    public required string Links { get; init; }

    /// <summary>When it was asked.</summary>
    public DateTimeOffset AskedAt { get; init; }

    /// <summary>When the time-out applies.</summary>
    public DateTimeOffset ExpiresAt { get; init; }

    /// <summary>approve or reject.</summary>
    public required string OnTimeout { get; init; }

    /// <summary>How many different people must approve.</summary>
    public int Required { get; init; }

    /// <summary>The id of the question of a generation of an action.</summary>
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

    /// <summary>Who decided; <c>time-out</c> without a decision in time.</summary>
    public required string DecidedBy { get; init; }

    /// <summary>The comment; null if there is none.</summary>
    public string? Comment { get; init; }

    /// <summary>When it was decided.</summary>
    public DateTimeOffset At { get; init; }

    /// <summary>Whether it settled the question.</summary>
    public bool IsFinal { get; init; }
}
