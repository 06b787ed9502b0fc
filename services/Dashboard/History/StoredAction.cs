namespace MLEvents.Dashboard.History;

/// <summary>An action in the latest state that was received.</summary>
public sealed record StoredAction
{
    /// <summary>The <see cref="Rank"/> of an action that has ended.</summary>
    internal const int EndedRank = 2;

    /// <summary>The id of the action, which is the id of its ledger record.</summary>
    public required string Id { get; init; }

    /// <summary>The service that executes the action.</summary>
    public required string Service { get; init; }

    /// <summary>The rule that requested the action.</summary>
    public required string Rule { get; init; }

    /// <summary>The version of the rules that was in force when the action was accepted; empty if unknown.</summary>
    public string RuleVersion { get; init; } = "";

    /// <summary>accepted, running, waiting, succeeded, failed or skipped.</summary>
    public required string Status { get; init; }

    /// <summary>The stage of the work; empty before the first stage.</summary>
    public required string Stage { get; init; }

    /// <summary>The attempt, counted from 1.</summary>
    public int Attempt { get; init; }

    /// <summary>The number of retries by operators and of forced replays.</summary>
    public int Generation { get; init; }

    /// <summary>The id of the action's chain.</summary>
    public required string CorrelationId { get; init; }

    /// <summary>The <see cref="StoredEvent.Key"/> of the event that caused the action. The event itself may not be stored.</summary>
    public required string EventKey { get; init; }

    /// <summary>The id of the event that caused the action.</summary>
    public required string EventId { get; init; }

    /// <summary>The type of that event.</summary>
    public required string EventType { get; init; }

    /// <summary>The subject of that event.</summary>
    public required string EventSubject { get; init; }

    /// <summary>The detail that the service published, for people; null if there is none.</summary>
    public string? Detail { get; init; }

    /// <summary>Links by name, as JSON.</summary>
    public string Links { get; init; } = "{}";

    /// <summary>The time of the earliest change that was received.</summary>
    public DateTimeOffset StartedAt { get; init; }

    /// <summary>The time of the latest state.</summary>
    public DateTimeOffset UpdatedAt { get; init; }

    /// <summary>The order of states in one attempt: 0 accepted, 1 in progress, 2 ended.</summary>
    public int Rank { get; init; }

    /// <summary>Whether the action has ended.</summary>
    public bool IsFinished => Status is "succeeded" or "failed" or "skipped";

    /// <summary>Whether this state is later than another state of the same action. The order of arrival does not matter.</summary>
    public bool IsLaterThan(StoredAction other) =>
        (Generation, Attempt, Rank, UpdatedAt).CompareTo((other.Generation, other.Attempt, other.Rank, other.UpdatedAt)) > 0;
}
