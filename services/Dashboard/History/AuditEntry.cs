namespace MLEvents.Dashboard.History;

/// <summary>What somebody did through the dashboard.</summary>
internal sealed record AuditEntry
{
    public long Id { get; init; }

    public DateTimeOffset At { get; init; }

    /// <summary>Who did it.</summary>
    public required string Actor { get; init; }

    /// <summary>What was asked for, for instance <c>retry</c>.</summary>
    public required string Operation { get; init; }

    /// <summary>The action or message that it was asked for.</summary>
    public required string Target { get; init; }

    /// <summary>What the service answered.</summary>
    public required string Result { get; init; }
}

/// <summary>A key of ASP.NET Core data protection, shared by all replicas.</summary>
internal sealed record ProtectionKey
{
    public required string Name { get; init; }

    public required string Xml { get; init; }
}
