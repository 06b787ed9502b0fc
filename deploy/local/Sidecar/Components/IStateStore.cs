namespace MLEvents.Local.Sidecar.Components;

/// <summary>How a write treats what is there.</summary>
public enum StateConcurrency
{
    /// <summary>The request said nothing: like <see cref="LastWrite"/>.</summary>
    Unspecified,

    /// <summary>The write fails when somebody else wrote meanwhile.</summary>
    FirstWrite,

    /// <summary>The write wins; an ETag that is given is still checked.</summary>
    LastWrite,
}

/// <summary>A stored value.</summary>
/// <param name="Key">Key as it is stored, prefix included.</param>
/// <param name="Value">Bytes as they were saved.</param>
/// <param name="ETag">Changes with each write.</param>
/// <param name="ExpiresAt">When it vanishes; null for never.</param>
public sealed record StateItem(string Key, ReadOnlyMemory<byte> Value, string ETag, DateTimeOffset? ExpiresAt);

/// <summary>One step of a save, delete or transaction.</summary>
/// <param name="Key">Key as it is stored, prefix included.</param>
/// <param name="ETag">ETag that must still hold; null for no check.</param>
/// <param name="Concurrency">See <see cref="StateConcurrency"/>.</param>
public abstract record StateOperation(string Key, string? ETag, StateConcurrency Concurrency);

/// <summary>Writes a value.</summary>
/// <param name="Key">Key as it is stored, prefix included.</param>
/// <param name="Value">Bytes.</param>
/// <param name="ETag">ETag that must still hold; null for no check.</param>
/// <param name="Concurrency">See <see cref="StateConcurrency"/>.</param>
/// <param name="TimeToLive">After this time it vanishes; null for never.</param>
public sealed record StateUpsert(string Key, ReadOnlyMemory<byte> Value, string? ETag, StateConcurrency Concurrency, TimeSpan? TimeToLive)
    : StateOperation(Key, ETag, Concurrency);

/// <summary>Removes a value.</summary>
/// <param name="Key">Key as it is stored, prefix included.</param>
/// <param name="ETag">ETag that must still hold; null for no check.</param>
/// <param name="Concurrency">See <see cref="StateConcurrency"/>.</param>
public sealed record StateDelete(string Key, string? ETag, StateConcurrency Concurrency) : StateOperation(Key, ETag, Concurrency);

/// <summary>The outcome of a <see cref="StateOperation"/>. A refused one changed nothing.</summary>
public enum StateOutcome
{
    /// <summary>Durable, and visible to every reader.</summary>
    Done,

    /// <summary>The key has another ETag than the operation asked for, or does not exist.</summary>
    ETagMismatch,

    /// <summary>A <see cref="StateConcurrency.FirstWrite"/> without an ETag found the key taken.</summary>
    AlreadyExists,
}

/// <summary>A component of type <c>state.*</c>. Members may be called concurrently; one that can't answer throws <see cref="StateStoreException"/>.</summary>
public interface IStateStore : IComponent
{
    /// <summary>What the sidecar puts before each key, as <c>keyPrefix</c> says: <c>app-id||</c> by default, empty for none.</summary>
    string KeyPrefix { get; }

    /// <summary>One value, or null.</summary>
    Task<StateItem?> GetAsync(string key, CancellationToken cancellationToken);

    /// <summary>The values that exist among these keys.</summary>
    Task<IReadOnlyList<StateItem>> GetManyAsync(IReadOnlyList<string> keys, CancellationToken cancellationToken);

    /// <summary>Applies each operation separately, in order: a refused one does not stop the others. The outcomes have the order of the operations.</summary>
    Task<IReadOnlyList<StateOutcome>> ApplyAsync(IReadOnlyList<StateOperation> operations, CancellationToken cancellationToken);

    /// <summary>All operations or none; the outcome is the first refusal.</summary>
    Task<StateOutcome> TransactAsync(IReadOnlyList<StateOperation> operations, CancellationToken cancellationToken);
}
