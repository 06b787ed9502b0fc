namespace MLEvents.Dashboard.History;

/// <summary>An event as it was delivered to the dashboard.</summary>
public sealed record StoredEvent
{
    /// <summary>The sequence number in the order of arrival, which the database assigns.</summary>
    public long Seq { get; init; }

    /// <summary>The key of the event, which is part of the address of its page: 24 characters of 0-9 and a-f.</summary>
    public required string Key { get; init; }

    /// <summary>The id.</summary>
    public required string Id { get; init; }

    /// <summary>The source. For events of Azure Machine Learning, it is the workspace's ARM id.</summary>
    public required string Source { get; init; }

    /// <summary>The type.</summary>
    public required string Type { get; init; }

    /// <summary>The subject; empty if the publisher gave none.</summary>
    public required string Subject { get; init; }

    /// <summary>The workspace's name; the source if the source is not a workspace.</summary>
    public required string Workspace { get; init; }

    /// <summary>The model that the event is about; empty if none.</summary>
    public string Model { get; init; } = "";

    /// <summary>The version of the model; empty if none.</summary>
    public string ModelVersion { get; init; } = "";

    /// <summary>The time of the event; the time of arrival if the publisher gave none.</summary>
    public DateTimeOffset Time { get; init; }

    /// <summary>The time when the dashboard first received the event.</summary>
    public DateTimeOffset ReceivedAt { get; init; }

    /// <summary>The id of the chain in the event's data; the event's id if the data contains none. The actions of the event may belong to another chain.</summary>
    public required string CorrelationId { get; init; }

    /// <summary>The CloudEvents envelope.</summary>
    public required string Envelope { get; init; }
}
