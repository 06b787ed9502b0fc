using MLEvents.Events;

namespace MLEvents.Dashboard.Rebuilding;

/// <summary>An action as <c>GET /actions</c> of a service lists it.</summary>
/// <remarks>If the JSON lacks a member, the generated JSON code sets the member to null or 0. A member with another default therefore turns null or 0 into its default.</remarks>
internal sealed record LedgerAction
{
    public required string Id { get; init; }

    public required string Service { get; init; }

    public required string Rule { get; init; }

    public string RuleVersion { get; init => field = value ?? ""; } = "";

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
