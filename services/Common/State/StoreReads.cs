using System.Text.Json;

using Dapr.Client;

namespace MLEvents.State;

/// <summary>Reads keys of one state store, several in one call.</summary>
internal sealed class StoreReads(DaprClient dapr, string store, CallTimeout timeout)
{
    /// <summary>Reads keys and completes each read.</summary>
    public async Task SendAsync(IReadOnlyList<PendingRead> reads)
    {
        var results = await ReadAsync([.. reads.Select(read => read.Key)]);
        foreach (var (read, result) in reads.Zip(results))
        {
            if (result.Failure is { } failure)
            {
                read.Fail(failure);
            }
            else
            {
                read.Complete(result.Item);
            }
        }
    }

    /// <summary>Reads distinct keys.</summary>
    /// <returns>The results in the order of the keys. A value that cannot be read fails only its own read.</returns>
    /// <exception cref="Dapr.DaprException">The call that reads all keys failed, because the state store is unavailable.</exception>
    /// <exception cref="TimeoutException">The sidecar did not answer the call that reads all keys.</exception>
    public async Task<StateReadResult[]> ReadAsync(IReadOnlyList<string> keys)
    {
        if (keys.Count == 1)
        {
            return [await ReadAsync(keys[0])];
        }

        var found = await TryReadTogetherAsync(keys);

        // A bulk read gives the same answer for a key that it could not read and for a key that does not exist. A separate read distinguishes them.
        return await Task.WhenAll(keys.Select(key => found.TryGetValue(key, out var item) ? Task.FromResult(new StateReadResult(item, null)) : ReadAsync(key)));
    }

    private async Task<Dictionary<string, StateItem>> TryReadTogetherAsync(IReadOnlyList<string> keys)
    {
        try
        {
            var items = await timeout.RunAsync($"state store '{store}'", token => dapr.GetBulkStateAsync<JsonElement>(store, keys, parallelism: null, cancellationToken: token));
            return items.Where(item => Exists(item.Value)).ToDictionary(item => item.Key, item => new StateItem(item.Value, item.ETag));
        }
        catch (Exception exception) when ((exception is Dapr.DaprException or JsonException) && !DaprFailures.IsTransient(exception))
        {
            // A value that is not JSON, or values that are too large together, must not fail the other reads.
            return [];
        }
    }

    private async Task<StateReadResult> ReadAsync(string key)
    {
        try
        {
            var (value, etag) = await timeout.RunAsync($"state store '{store}'", token => dapr.GetStateAndETagAsync<JsonElement>(store, key, cancellationToken: token));
            return new(Exists(value) ? new StateItem(value, etag) : null, null);
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            return new(null, exception);
        }
    }

    private static bool Exists(JsonElement value) => value.ValueKind is not (JsonValueKind.Undefined or JsonValueKind.Null);
}
