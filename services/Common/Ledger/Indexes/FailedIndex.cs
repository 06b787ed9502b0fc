using Dapr.Client;

using Microsoft.Extensions.Options;

using MLEvents.State;

namespace MLEvents.Ledger.Indexes;

/// <summary>
/// The failed actions, each with the time of its failure, for operators. A small document holds the newest failed actions of a shard, because the cost of a write grows with
/// the size of the document. When the document is full, its older half moves to a second document.
/// </summary>
internal sealed class FailedIndex(DaprClient dapr, IOptions<LedgerOptions> options, CallTimeout timeout, TimeProvider time)
{
    /// <summary>The largest number of failed actions in the first document of a shard.</summary>
    public const int PerShard = 200;

    /// <summary>The largest number of failed actions in the second document of a shard. Beyond this number, the oldest actions are removed from the index. Their records can still be read by id.</summary>
    public const int OlderPerShard = 5000;

    private readonly ShardedIndex _newest = new("failed", dapr, options.Value, timeout, time);
    private readonly ShardedIndex _older = new("failed-older", dapr, options.Value, timeout, time);

    /// <summary>Adds an action that fails now.</summary>
    public async Task AddAsync(ActionRecord record, CancellationToken cancellationToken)
    {
        var entry = new IndexEntry(time.GetUtcNow(), record.Rule);
        List<KeyValuePair<string, IndexEntry>> moving = [];
        await _newest.UpdateAsync(
            record.Id,
            entries =>
            {
                var isFull = entries.Count >= PerShard && !entries.ContainsKey(record.Id);
                moving = isFull ? [.. entries.OrderBy(one => one.Value.DueAt).Take(PerShard / 2)] : [];
                return !isFull && Put(entries, record.Id, entry);
            },
            cancellationToken);
        if (moving.Count > 0)
        {
            await MoveAsync(record.Id, entry, moving, cancellationToken);
        }
    }

    /// <summary>Removes an action that failed before a time. An action that failed again after that time stays.</summary>
    public async Task RemoveAsync(string id, DateTimeOffset before, CancellationToken cancellationToken)
    {
        await _newest.UpdateAsync(id, entries => Remove(entries, id, before), cancellationToken);
        await _older.UpdateAsync(id, entries => Remove(entries, id, before), cancellationToken);
    }

    /// <summary>The failed actions, each with the time of its last failure. Some may have been retried or have expired since.</summary>
    public async Task<IEnumerable<IndexedAction>> ListAsync(CancellationToken cancellationToken)
    {
        var newest = await _newest.ListAsync(cancellationToken);
        return newest.Concat(await _older.ListAsync(cancellationToken)).GroupBy(action => action.Id).Select(action => action.MaxBy(one => one.DueAt)).OfType<IndexedAction>();
    }

    // The second document is written first: after a crash in between, an action is in both documents instead of in none.
    private async Task MoveAsync(string id, IndexEntry entry, List<KeyValuePair<string, IndexEntry>> moving, CancellationToken cancellationToken)
    {
        await _older.UpdateAsync(id, entries => Append(entries, moving, entry.DueAt - options.Value.Retention), cancellationToken);
        await _newest.UpdateAsync(
            id,
            entries =>
            {
                foreach (var moved in moving)
                {
                    Remove(entries, moved.Key, moved.Value.DueAt);
                }

                return Put(entries, id, entry);
            },
            cancellationToken);
    }

    private static bool Append(Dictionary<string, IndexEntry> entries, List<KeyValuePair<string, IndexEntry>> moving, DateTimeOffset oldest)
    {
        foreach (var moved in moving)
        {
            Put(entries, moved.Key, moved.Value);
        }

        foreach (var old in entries.OrderByDescending(one => one.Value.DueAt).Where((one, place) => place >= OlderPerShard || one.Value.DueAt < oldest).ToList())
        {
            entries.Remove(old.Key);
        }

        return true;
    }

    private static bool Put(Dictionary<string, IndexEntry> entries, string id, IndexEntry entry)
    {
        entries[id] = entry;
        return true;
    }

    private static bool Remove(Dictionary<string, IndexEntry> entries, string id, DateTimeOffset before) =>
        entries.TryGetValue(id, out var entry) && entry.DueAt <= before && entries.Remove(id);
}
