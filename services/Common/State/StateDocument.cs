using Dapr.Client;

namespace MLEvents.State;

/// <summary>A key of a Dapr state store that several replicas change: read, changed and written under its ETag until nobody came in between.</summary>
/// <typeparam name="T">What the key holds.</typeparam>
/// <param name="dapr">The sidecar.</param>
/// <param name="store">A state store with ETags.</param>
/// <param name="key">The key.</param>
public sealed class StateDocument<T>(DaprClient dapr, string store, string key)
    where T : class
{
    private const int Tries = 50;
    private static readonly StateOptions FirstWrite = new() { Concurrency = ConcurrencyMode.FirstWrite };

    /// <summary>What the key holds now; null if it is not there.</summary>
    public async Task<T?> ReadAsync(CancellationToken cancellationToken) => (await FindAsync(cancellationToken)).Value;

    /// <summary>Changes what the key holds.</summary>
    /// <param name="change">Called with what is there, null if nothing is; again after each lost race. Returns what is to be written, null to leave the key as it is.</param>
    /// <param name="metadata">Of the write, for instance <c>ttlInSeconds</c>; null for none.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>What the key holds now.</returns>
    /// <exception cref="TimeoutException">Others came in between each time, or the store does not take the key.</exception>
    /// <exception cref="Dapr.DaprException">The store is away.</exception>
    public async Task<T?> ChangeAsync(Func<T?, T?> change, IReadOnlyDictionary<string, string>? metadata, CancellationToken cancellationToken)
    {
        for (var attempt = 0; attempt < Tries; attempt++)
        {
            var (there, etag) = await FindAsync(cancellationToken);
            if (change(there) is not { } next)
            {
                return there;
            }

            if (await TryWriteAsync(next, there is null ? null : etag, metadata, cancellationToken))
            {
                return next;
            }
        }

        throw new TimeoutException($"The key '{key}' was written by others {Tries} times in a row.");
    }

    private async Task<(T? Value, string ETag)> FindAsync(CancellationToken cancellationToken) =>
        await dapr.GetStateAndETagAsync<T?>(store, key, cancellationToken: cancellationToken);

    // Never last-write: two creators would each forget what the other wrote.
    private async Task<bool> TryWriteAsync(T next, string? etag, IReadOnlyDictionary<string, string>? metadata, CancellationToken cancellationToken)
    {
        if (etag is not null)
        {
            return await dapr.TrySaveStateAsync(store, key, next, etag, FirstWrite, metadata, cancellationToken);
        }

        try
        {
            await dapr.SaveStateAsync(store, key, next, FirstWrite, metadata, cancellationToken);
            return true;
        }
        catch (Dapr.DaprException) when (!cancellationToken.IsCancellationRequested)
        {
            // Lost to another creator, or the store is away: reading the key tells, and throws in the latter case.
            return await ReadAsync(cancellationToken) is null ? throw new TimeoutException($"The state store '{store}' does not take the key '{key}'.") : false;
        }
    }
}
