namespace MLEvents.Dashboard.History;

/// <summary>A bulk retry or cancellation that a user started.</summary>
internal sealed record BulkRun
{
    /// <summary>32 characters of 0-9 and a-f.</summary>
    public required string Id { get; init; }

    public DateTimeOffset At { get; init; }

    /// <summary>The user who started the run, with the address of the browser.</summary>
    public required string Actor { get; init; }

    /// <summary>retry, retry-with-rules or cancel.</summary>
    public required string Operation { get; init; }

    /// <summary>The filter that the actions matched, for people.</summary>
    public required string Filter { get; init; }

    /// <summary>The user's reason; null if no reason was given.</summary>
    public string? Reason { get; init; }

    /// <summary>The <see cref="AuditEntry.Id"/> of the run's audit entry; null for runs that an earlier version of the dashboard stored.</summary>
    public long? AuditId { get; init; }
}

/// <summary>An action of a run.</summary>
internal sealed record BulkItem
{
    public required string RunId { get; init; }

    public required string ActionId { get; init; }

    public required string Service { get; init; }

    /// <summary>
    /// The generation when the action was listed. The service refuses a retry if the action was restarted after that. Null for runs that an earlier version of
    /// the dashboard stored.
    /// </summary>
    public int? Generation { get; init; }

    /// <summary>The answer of the service; null before the service has answered.</summary>
    public string? Result { get; init; }

    /// <summary>Whether the service accepted the operation.</summary>
    public bool IsAccepted { get; init; }
}
