using MLEvents.Events;

namespace MLEvents.Dashboard.Rebuilding;

/// <summary>An action as <c>GET /actions</c> of a service lists it.</summary>
internal sealed record LedgerAction
{
    public required string Id { get; init; }

    public required string Service { get; init; }

    public required string Rule { get; init; }

    public string RuleVersion { get; init; } = "";

    public required string Status { get; init; }

    public required string Stage { get; init; }

    public required int Attempt { get; init; }

    public required int Generation { get; init; }

    public required string CorrelationId { get; init; }

    public EventReference? Event { get; init; }

    public string? Detail { get; init; }

    public required IReadOnlyDictionary<string, Uri> Links { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required DateTimeOffset UpdatedAt { get; init; }
}
