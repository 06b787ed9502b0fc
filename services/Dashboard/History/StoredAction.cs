namespace MLEvents.Dashboard.History;

/// <summary>An action in the newest state that was received.</summary>
public sealed record StoredAction
{
    /// <summary>The <see cref="Rank"/> of an action that has ended.</summary>
    internal const int EndedRank = 2;

    /// <summary>The id of its ledger record.</summary>
    public required string Id { get; init; }

    /// <summary>The service that acts.</summary>
    public required string Service { get; init; }

    /// <summary>The rule that asked for it.</summary>
    public required string Rule { get; init; }

    /// <summary>The version of the rules that were in force when it was accepted; empty if unknown.</summary>
    public string RuleVersion { get; init; } = "";

    /// <summary>accepted, running, waiting, succeeded, failed or skipped.</summary>
    public required string Status { get; init; }

    /// <summary>Where in its work it is; empty before the first stage.</summary>
    public required string Stage { get; init; }

    /// <summary>The attempt, counted from 1.</summary>
    public int Attempt { get; init; }

    /// <summary>How often it was restarted by an operator.</summary>
    public int Generation { get; init; }

    /// <summary>The chain that it belongs to.</summary>
    public required string CorrelationId { get; init; }

    /// <summary>The <see cref="StoredEvent.Key"/> of the event that caused it, which may not be stored.</summary>
    public required string EventKey { get; init; }

    /// <summary>The id of the event that caused it.</summary>
    public required string EventId { get; init; }

    /// <summary>The type of that event.</summary>
    public required string EventType { get; init; }

    /// <summary>The subject of that event.</summary>
    public required string EventSubject { get; init; }

    /// <summary>What happened, for people; null if there is nothing to add.</summary>
    public string? Detail { get; init; }

    /// <summary>Links by name, as JSON.</summary>
    public string Links { get; init; } = "{}";

    /// <summary>The time of the earliest change that was received.</summary>
    public DateTimeOffset StartedAt { get; init; }

    /// <summary>The time of the newest state.</summary>
    public DateTimeOffset UpdatedAt { get; init; }

    /// <summary>The order of states in one attempt: 0 accepted, 1 in progress, 2 ended.</summary>
    public int Rank { get; init; }

    /// <summary>Whether it has ended.</summary>
    public bool IsFinished => Status is "succeeded" or "failed" or "skipped";

    /// <summary>Whether this state is later than another state of the same action, whatever the order of arrival.</summary>
    public bool IsLaterThan(StoredAction other) =>
        (Generation, Attempt, Rank, UpdatedAt).CompareTo((other.Generation, other.Attempt, other.Rank, other.UpdatedAt)) > 0;
}
