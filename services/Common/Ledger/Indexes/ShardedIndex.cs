using Dapr.Client;

using MLEvents.State;

namespace MLEvents.Ledger.Indexes;

/// <summary>Maps the ids of actions to their rule and a time. The entries are spread over a few keys that all replicas share; the id determines the key.</summary>
internal sealed class ShardedIndex(string name, DaprClient dapr, LedgerOptions options, CallTimeout timeout)
{
    // This number of entries takes about a quarter of the largest gRPC message.
    private const int FewEntries = 10_000;

    private volatile bool _tooLarge;

    /// <summary>Changes the shard of an id.</summary>
    /// <param name="id">The id.</param>
    /// <param name="change">Changes the entries of the shard and returns whether it changed any. Called again after each lost race.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    public Task UpdateAsync(string id, Func<Dictionary<string, IndexEntry>, bool> change, CancellationToken cancellationToken) =>
        Document(KeyOf(ShardOf(id))).UpdateAsync(
            stored =>
            {
                var entries = stored ?? [];
                return change(entries) ? entries : null;
            },
            TimeToLive.Unset,
            cancellationToken);

    /// <summary>All entries, in no particular order.</summary>
    /// <exception cref="Dapr.DaprException">The state store is unavailable.</exception>
    /// <exception cref="TimeoutException">The sidecar did not answer in time.</exception>
    public async Task<IEnumerable<IndexedAction>> ListAsync(CancellationToken cancellationToken)
    {
        var keys = Enumerable.Range(0, options.Shards).Select(KeyOf).ToList();
        var shards = (_tooLarge ? null : await TryReadTogetherAsync(keys, cancellationToken)) ?? await ReadOneByOneAsync(keys, cancellationToken);
        return shards.SelectMany(shard => shard ?? []).Select(entry => new IndexedAction(entry.Key, entry.Value.Rule, entry.Value.DueAt));
    }

    // One call for all shards, also for those without entries. Null if the shards are too large together for one message.
    private async Task<List<Dictionary<string, IndexEntry>?>?> TryReadTogetherAsync(List<string> keys, CancellationToken cancellationToken)
    {
        try
        {
            var items = await timeout.RunAsync(
                $"state store '{options.StateStore}'", token => dapr.GetBulkStateAsync<Dictionary<string, IndexEntry>>(options.StateStore, keys, parallelism: null, cancellationToken: token), cancellationToken: cancellationToken);
            return [.. items.Select(item => item.Value)];
        }
        catch (Dapr.DaprException exception) when (!DaprFailures.IsTransient(exception))
        {
            return null;
        }
    }

    // One read after the other, because concurrent reads share a call. The next listing tries one call again when there are few entries.
    private async Task<List<Dictionary<string, IndexEntry>?>> ReadOneByOneAsync(List<string> keys, CancellationToken cancellationToken)
    {
        var shards = new List<Dictionary<string, IndexEntry>?>();
        foreach (var key in keys)
        {
            shards.Add(await ReadAsync(key, cancellationToken));
        }

        _tooLarge = shards.Sum(shard => shard?.Count ?? 0) > FewEntries;
        return shards;
    }

    private async Task<Dictionary<string, IndexEntry>?> ReadAsync(string key, CancellationToken cancellationToken) => (await Document(key).FindAsync(cancellationToken))?.Value;

    private StateDocument<Dictionary<string, IndexEntry>> Document(string key) => new(dapr, options.StateStore, key);

    private int ShardOf(string id) => Convert.ToInt32(id[..4], 16) % options.Shards;

    private string KeyOf(int shard) => $"{name}-{shard}";
}
