namespace MLEvents.Dashboard.History;

/// <summary>A retry or cancellation of many actions that a user started.</summary>
internal sealed record BulkRun
{
    /// <summary>32 characters of 0-9 and a-f.</summary>
    public required string Id { get; init; }

    public DateTimeOffset At { get; init; }

    /// <summary>Who started it.</summary>
    public required string Actor { get; init; }

    /// <summary>retry, retry-with-rules or cancel.</summary>
    public required string Operation { get; init; }

    /// <summary>The filter that the actions matched, for people.</summary>
    public required string Filter { get; init; }

    /// <summary>Why; null if no reason was given.</summary>
    public string? Reason { get; init; }

    /// <summary>The <see cref="AuditEntry.Id"/> of its entry in the audit; null for runs of earlier versions.</summary>
    public long? AuditId { get; init; }
}

/// <summary>An action of a run.</summary>
internal sealed record BulkItem
{
    public required string RunId { get; init; }

    public required string ActionId { get; init; }

    public required string Service { get; init; }

    /// <summary>The generation that was listed. The service refuses the operation if somebody has restarted the action since. Null for runs of earlier versions.</summary>
    public int? Generation { get; init; }

    /// <summary>What the service answered; null until it was asked.</summary>
    public string? Result { get; init; }

    /// <summary>Whether the service accepted it.</summary>
    public bool IsAccepted { get; init; }
}
