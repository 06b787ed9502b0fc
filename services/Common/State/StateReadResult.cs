namespace MLEvents.State;

/// <summary>The result of reading one key.</summary>
/// <param name="Item">The item; null if the key does not exist or could not be read.</param>
/// <param name="Failure">The reason why the key could not be read; null if it was read.</param>
internal sealed record StateReadResult(StateItem? Item, Exception? Failure);
