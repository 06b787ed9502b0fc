namespace MLEvents.Local.Sidecar.Components;

/// <summary>How a write treats an existing value.</summary>
public enum StateConcurrency
{
    /// <summary>Not set in the request: same as <see cref="LastWrite"/>.</summary>
    Unspecified,

    /// <summary>
    /// The write fails if another caller has written the key since the ETag was read. Without an ETag, a <see cref="StateUpsert"/> fails if the key exists.
    /// </summary>
    FirstWrite,

    /// <summary>The write replaces the value; an ETag in the request is still checked.</summary>
    LastWrite,
}

/// <summary>A stored value.</summary>
/// <param name="Key">Key as it is stored, prefix included.</param>
/// <param name="Value">The saved bytes.</param>
/// <param name="ETag">Changes with each write.</param>
/// <param name="ExpiresAt">When the value expires; null for never.</param>
public sealed record StateItem(string Key, ReadOnlyMemory<byte> Value, string ETag, DateTimeOffset? ExpiresAt);

/// <summary>One step of a save, delete or transaction.</summary>
/// <param name="Key">Key as it is stored, prefix included.</param>
/// <param name="ETag">Expected ETag of the stored value; null for no check.</param>
/// <param name="Concurrency">See <see cref="StateConcurrency"/>.</param>
public abstract record StateOperation(string Key, string? ETag, StateConcurrency Concurrency);

/// <summary>Writes a value.</summary>
/// <param name="Key">Key as it is stored, prefix included.</param>
/// <param name="Value">Bytes.</param>
/// <param name="ETag">Expected ETag of the stored value; null for no check.</param>
/// <param name="Concurrency">See <see cref="StateConcurrency"/>.</param>
/// <param name="TimeToLive">After this time the value expires; null for never.</param>
public sealed record StateUpsert(string Key, ReadOnlyMemory<byte> Value, string? ETag, StateConcurrency Concurrency, TimeSpan? TimeToLive)
    : StateOperation(Key, ETag, Concurrency);

/// <summary>Removes a value.</summary>
/// <param name="Key">Key as it is stored, prefix included.</param>
/// <param name="ETag">Expected ETag of the stored value; null for no check.</param>
/// <param name="Concurrency">See <see cref="StateConcurrency"/>.</param>
public sealed record StateDelete(string Key, string? ETag, StateConcurrency Concurrency) : StateOperation(Key, ETag, Concurrency);

/// <summary>The outcome of a <see cref="StateOperation"/>. A refused operation changes nothing.</summary>
public enum StateOutcome
{
    /// <summary>The operation is stored, and visible to every reader.</summary>
    Done,

    /// <summary>The key has another ETag than the operation expects, or does not exist.</summary>
    ETagMismatch,

    /// <summary>The key exists, and the operation is a <see cref="StateUpsert"/> with <see cref="StateConcurrency.FirstWrite"/> and without an ETag.</summary>
    AlreadyExists,
}

/// <summary>A component of type <c>state.*</c>. Members may be called concurrently. They throw a <see cref="StateStoreException"/> if the store cannot answer.</summary>
public interface IStateStore : IComponent
{
    /// <summary>The text before each key, from the setting <c>keyPrefix</c>: <c>app-id||</c> by default, empty for none.</summary>
    string KeyPrefix { get; }

    /// <summary>Returns a value, or null if the key does not exist.</summary>
    Task<StateItem?> GetAsync(string key, CancellationToken cancellationToken);

    /// <summary>Returns the values of those keys that exist.</summary>
    Task<IReadOnlyList<StateItem>> GetManyAsync(IReadOnlyList<string> keys, CancellationToken cancellationToken);

    /// <summary>Applies each operation separately and in order. A refused operation does not stop the others. The outcomes are in the order of the operations.</summary>
    Task<IReadOnlyList<StateOutcome>> ApplyAsync(IReadOnlyList<StateOperation> operations, CancellationToken cancellationToken);

    /// <summary>Applies all operations or none. The outcome is the first refusal, or <see cref="StateOutcome.Done"/>.</summary>
    Task<StateOutcome> TransactAsync(IReadOnlyList<StateOperation> operations, CancellationToken cancellationToken);
}
