using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

using Dapr.Client;

namespace MLEvents.State;

/// <summary>
/// One key of a Dapr state store that several replicas change. Every write is conditional: on the ETag that was read, or on the absence of the key.
/// </summary>
/// <typeparam name="T">The type of the value.</typeparam>
/// <param name="dapr">The client of the sidecar.</param>
/// <param name="store">The name of a state store that supports ETags.</param>
/// <param name="key">The key.</param>
/// <param name="read">Reads the stored JSON; null to deserialize it with the client's JSON settings.</param>
public sealed class StateDocument<T>(DaprClient dapr, string store, string key, Func<JsonElement, T>? read = null)
    where T : class
{
    private const int MaxAttempts = 50;
    private readonly StateClient _client = StateClient.For(dapr);

    private JsonTypeInfo<T> TypeInfo => (JsonTypeInfo<T>)_client.Json.GetTypeInfo(typeof(T));

    /// <summary>Finds the value and its ETag.</summary>
    /// <returns>Null if the key does not exist.</returns>
    /// <exception cref="Dapr.DaprException">The state store is unavailable, or the value cannot be read.</exception>
    /// <exception cref="TimeoutException">The sidecar did not answer within 30 s.</exception>
    public async Task<StateEntry<T>?> FindAsync(CancellationToken cancellationToken) => ToEntry(await _client.FindAsync(store, key, cancellationToken));

    /// <summary>Writes a value whose key does not exist yet. Of several concurrent writers, one succeeds.</summary>
    /// <param name="value">The value.</param>
    /// <param name="timeToLive">How long the store keeps the value.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>Null if the key holds the value of this call, otherwise the existing entry.</returns>
    /// <exception cref="Dapr.DaprException">The state store is unavailable, or the existing value cannot be read.</exception>
    /// <exception cref="TimeoutException">The sidecar did not answer within 30 s. The value may have been written.</exception>
    public async Task<StateEntry<T>?> CreateAsync(T value, TimeToLive timeToLive, CancellationToken cancellationToken) =>
        ToEntry((await WriteAsync(value, etag: null, timeToLive, cancellationToken)).Existing);

    /// <summary>Writes a value whose key does not exist yet. Of several concurrent writers, one succeeds.</summary>
    /// <param name="value">The value.</param>
    /// <param name="isOwn">Decides whether this call wrote the value that is found after a failed write. The store may have accepted the write although it answered with an error.</param>
    /// <param name="timeToLive">How long the store keeps the value.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>Whether the key now holds the value of this call.</returns>
    /// <exception cref="Dapr.DaprException">The state store is unavailable, or the existing value cannot be read.</exception>
    /// <exception cref="TimeoutException">The sidecar did not answer within 30 s. The value may have been written.</exception>
    public async Task<bool> TryCreateAsync(T value, Func<T, bool> isOwn, TimeToLive timeToLive, CancellationToken cancellationToken) =>
        await CreateAsync(value, timeToLive, cancellationToken) is not { } existing || isOwn(existing.Value);

    /// <summary>Replaces the value that was read.</summary>
    /// <param name="value">The new value.</param>
    /// <param name="etag">The ETag of the value that was read.</param>
    /// <param name="timeToLive">How long the store keeps the value.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>False if another writer changed or deleted the key since it was read.</returns>
    /// <exception cref="Dapr.DaprException">The state store is unavailable.</exception>
    /// <exception cref="TimeoutException">The sidecar did not answer within 30 s. The value may have been written.</exception>
    public async Task<bool> TryUpdateAsync(T value, string etag, TimeToLive timeToLive, CancellationToken cancellationToken) =>
        (await WriteAsync(value, etag, timeToLive, cancellationToken)).IsWritten;

    /// <summary>Reads, changes and writes the value; repeats this after each lost race.</summary>
    /// <param name="change">Receives the stored value, or null if there is none. Returns the value to write, or null to leave the key unchanged. It is called again after each lost race.</param>
    /// <param name="timeToLive">How long the store keeps the value.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>The value that the key holds afterwards.</returns>
    /// <exception cref="TimeoutException">Other writers won 50 races in a row, or the sidecar did not answer within 30 s.</exception>
    /// <exception cref="Dapr.DaprException">The state store is unavailable or refuses the value, or the stored value cannot be read.</exception>
    public async Task<T?> UpdateAsync(Func<T?, T?> change, TimeToLive timeToLive, CancellationToken cancellationToken)
    {
        for (var attempt = 0; attempt < MaxAttempts; attempt++)
        {
            var stored = await FindAsync(cancellationToken);
            if (change(stored?.Value) is not { } next)
            {
                return stored?.Value;
            }

            if (await TryWriteAsync(stored, next, timeToLive, cancellationToken))
            {
                return next;
            }
        }

        throw new TimeoutException($"The key '{key}' of state store '{store}' was changed by other writers {MaxAttempts} times in a row.");
    }

    private Task<StateWriteResult> WriteAsync(T value, string? etag, TimeToLive timeToLive, CancellationToken cancellationToken) =>
        _client.WriteAsync(store, new StateWrite(key, JsonSerializer.SerializeToUtf8Bytes(value, TypeInfo), etag, timeToLive), cancellationToken);

    private StateEntry<T>? ToEntry(StateItem? item) => item is null ? null : new StateEntry<T>(Read(item.Value), item.ETag);

    private T Read(JsonElement json)
    {
        try
        {
            return (read is null ? json.Deserialize(TypeInfo) : read(json)) ?? throw new JsonException("The value is null.");
        }
        catch (JsonException exception)
        {
            throw new Dapr.DaprException($"The value of key '{key}' in state store '{store}' cannot be read: {exception.Message}", exception);
        }
    }

    private Task<bool> TryWriteAsync(StateEntry<T>? stored, T next, TimeToLive timeToLive, CancellationToken cancellationToken) => stored is null
        ? TryCreateAsync(next, _ => false, timeToLive, cancellationToken)
        : TryUpdateAsync(next, stored.ETag, timeToLive, cancellationToken);
}

/// <summary>A value as it was read.</summary>
/// <typeparam name="T">The type of the value.</typeparam>
/// <param name="Value">The value.</param>
/// <param name="ETag">The version of the value in the store.</param>
public sealed record StateEntry<T>(T Value, string ETag)
    where T : class;
