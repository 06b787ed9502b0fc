using Dapr.Client;

using MLEvents.State;

namespace MLEvents.Ledger;

/// <summary>Ids of actions, each with its rule and a time, in a few keys that all replicas share: which key, the id says.</summary>
internal sealed class ShardedIndex(string name, DaprClient dapr, LedgerOptions options)
{
    /// <summary>Changes the key that an id belongs to.</summary>
    /// <param name="id">The id.</param>
    /// <param name="change">Changes the entries of that key and says whether it did; called again after each lost race.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    public Task ChangeAsync(string id, Func<Dictionary<string, PendingEntry>, bool> change, CancellationToken cancellationToken) =>
        new StateDocument<Dictionary<string, PendingEntry>>(dapr, options.StateStore, KeyOf(ShardOf(id))).ChangeAsync(
            there =>
            {
                var entries = there ?? [];
                return change(entries) ? entries : null;
            },
            metadata: null,
            cancellationToken);

    /// <summary>All entries, in no order.</summary>
    public async Task<IEnumerable<PendingAction>> ListAsync(CancellationToken cancellationToken)
    {
        var keys = Enumerable.Range(0, options.Shards).Select(KeyOf).ToList();
        var shards = await dapr.GetBulkStateAsync<Dictionary<string, PendingEntry>>(options.StateStore, keys, parallelism: null, cancellationToken: cancellationToken);
        return shards.SelectMany(shard => shard.Value ?? []).Select(entry => new PendingAction(entry.Key, entry.Value.Rule, entry.Value.DueAt));
    }

    private int ShardOf(string id) => Convert.ToInt32(id[..4], 16) % options.Shards;

    private string KeyOf(int shard) => $"{name}-{shard}";
}
