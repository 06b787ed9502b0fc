namespace MLEvents.Dashboard.History;

/// <summary>An event as it was delivered to the dashboard.</summary>
public sealed record StoredEvent
{
    /// <summary>Ascending in the order of arrival; assigned by the database.</summary>
    public long Seq { get; init; }

    /// <summary>What the address of the event's page is made of; 24 characters of 0-9 and a-f.</summary>
    public required string Key { get; init; }

    /// <summary>The id.</summary>
    public required string Id { get; init; }

    /// <summary>Where it happened: a workspace's ARM id for Azure ML's events.</summary>
    public required string Source { get; init; }

    /// <summary>What happened.</summary>
    public required string Type { get; init; }

    /// <summary>What it happened to; empty if the publisher gave none.</summary>
    public required string Subject { get; init; }

    /// <summary>The workspace's name; the source if that is no workspace.</summary>
    public required string Workspace { get; init; }

    /// <summary>The model that the event is about; empty if none.</summary>
    public string Model { get; init; } = "";

    /// <summary>The version of the model; empty if none.</summary>
    public string ModelVersion { get; init; } = "";

    /// <summary>When it happened; when it arrived if the publisher gave no time.</summary>
    public DateTimeOffset Time { get; init; }

    /// <summary>When the dashboard received it first.</summary>
    public DateTimeOffset ReceivedAt { get; init; }

    /// <summary>The chain that the event's own data names; its id if it names none. Actions may join it to another chain.</summary>
    public required string CorrelationId { get; init; }

    /// <summary>The CloudEvents envelope.</summary>
    public required string Envelope { get; init; }
}
