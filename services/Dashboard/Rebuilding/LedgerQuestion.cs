using MLEvents.Events;

namespace MLEvents.Dashboard.Rebuilding;

/// <summary>A question as <c>GET /approvals</c> of a service lists it.</summary>
internal sealed record LedgerQuestion
{
    public required string Id { get; init; }

    public required string Service { get; init; }

    public required string Rule { get; init; }

    public required int Generation { get; init; }

    public required string CorrelationId { get; init; }

    public required string Before { get; init; }

    public required IReadOnlyList<string> From { get; init; }

    public required int Required { get; init; }

    public required IReadOnlyDictionary<string, string> Evidence { get; init; }

    public required DateTimeOffset AskedAt { get; init; }

    public required DateTimeOffset ExpiresAt { get; init; }

    public required string OnTimeout { get; init; }

    public required EventReference Event { get; init; }

    public required IReadOnlyDictionary<string, Uri> Links { get; init; }
}
