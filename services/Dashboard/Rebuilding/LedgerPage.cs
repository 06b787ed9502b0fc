namespace MLEvents.Dashboard.Rebuilding;

/// <summary>A page of a list of an operator API.</summary>
internal sealed record LedgerPage<T>(IReadOnlyList<T>? Items, string? Continuation);
