using Dapr.Client;

using Microsoft.Extensions.Options;

namespace MLEvents.Ledger.Indexes;

/// <summary>The failed actions, each with the time of its failure, for operators. The size of each shard is bounded, and with it the cost of a write.</summary>
internal sealed class FailedIndex(DaprClient dapr, IOptions<LedgerOptions> options, TimeProvider time)
{
    /// <summary>The number of failed actions in a shard. Older ones are removed from the index; they can still be read by id.</summary>
    public const int PerShard = 200;

    private readonly ShardedIndex _index = new("failed", dapr, options.Value);

    /// <summary>Adds an action that fails now.</summary>
    public Task AddAsync(ActionRecord record, CancellationToken cancellationToken) => _index.UpdateAsync(
        record.Id,
        entries =>
        {
            var now = time.GetUtcNow();
            entries[record.Id] = new(now, record.Rule);
            foreach (var old in entries.OrderByDescending(entry => entry.Value.DueAt).Where((entry, place) => place >= PerShard || entry.Value.DueAt < now - options.Value.Retention).ToList())
            {
                entries.Remove(old.Key);
            }

            return true;
        },
        cancellationToken);

    /// <summary>Removes an action that failed before a time. One that has failed again since stays.</summary>
    public Task RemoveAsync(string id, DateTimeOffset before, CancellationToken cancellationToken) =>
        _index.UpdateAsync(id, entries => entries.TryGetValue(id, out var entry) && entry.DueAt <= before && entries.Remove(id), cancellationToken);

    /// <summary>The failed actions, each with the time of its failure. Some may have been retried or have expired since.</summary>
    public Task<IEnumerable<PendingAction>> ListAsync(CancellationToken cancellationToken) => _index.ListAsync(cancellationToken);
}
