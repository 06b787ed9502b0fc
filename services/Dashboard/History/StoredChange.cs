namespace MLEvents.Dashboard.History;

/// <summary>One change of an action's status or stage, as its service published it.</summary>
internal sealed record StoredChange
{
    /// <summary>The id of the activity event, which the service derives from the action's id, generation, status, stage and attempt.</summary>
    public required string Id { get; init; }

    public required string ActionId { get; init; }

    public required string Service { get; init; }

    public required string Rule { get; init; }

    public required string Status { get; init; }

    public required string Stage { get; init; }

    public int Attempt { get; init; }

    public int Generation { get; init; }

    public required string CorrelationId { get; init; }

    public string? Detail { get; init; }

    public DateTimeOffset Time { get; init; }
}
