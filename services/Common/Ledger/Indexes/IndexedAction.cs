namespace MLEvents.Ledger.Indexes;

/// <summary>An action in an index, with the rule and the due time of its <see cref="IndexEntry"/>.</summary>
internal sealed record IndexedAction(string Id, string Rule, DateTimeOffset DueAt);
