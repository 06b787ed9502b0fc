namespace MLEvents.Dashboard.Rebuilding;

/// <summary>One page of a list that a service's operator API returns. <c>Continuation</c> is null on the last page. <c>Items</c> is null if the response contains no list.</summary>
internal sealed record LedgerPage<T>(IReadOnlyList<T>? Items, string? Continuation);
