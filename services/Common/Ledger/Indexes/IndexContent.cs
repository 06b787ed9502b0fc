namespace MLEvents.Ledger.Indexes;

/// <summary>The actions in an index.</summary>
/// <param name="Actions">The actions of all keys that could be read.</param>
/// <param name="Unreadable">The keys that could not be read.</param>
internal sealed record IndexContent(IReadOnlyList<IndexedAction> Actions, IReadOnlyList<UnreadableKey> Unreadable);

/// <summary>A key of an index that could not be read.</summary>
/// <param name="Key">The key.</param>
/// <param name="Failure">The reason.</param>
internal sealed record UnreadableKey(string Key, Exception Failure);
