namespace MLEvents.Dashboard.History;

/// <summary>An operation of a user in the dashboard.</summary>
internal sealed record AuditEntry
{
    public long Id { get; init; }

    public DateTimeOffset At { get; init; }

    /// <summary>The user, with the address of the browser.</summary>
    public required string Actor { get; init; }

    /// <summary>The requested operation, for instance <c>retry</c>.</summary>
    public required string Operation { get; init; }

    /// <summary>The action, message, endpoint or bulk run to which the operation applies.</summary>
    public required string Target { get; init; }

    /// <summary>The answer of the service; <c>requested</c> until it is known.</summary>
    public required string Result { get; init; }
}
