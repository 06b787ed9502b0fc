namespace MLEvents.Ledger.Indexes;

/// <summary>An action in an index, with the values of its entry.</summary>
internal sealed record IndexedAction(string Id, string Rule, DateTimeOffset DueAt);
