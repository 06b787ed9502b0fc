using Dapr.Client;

using Microsoft.Extensions.Options;

namespace MLEvents.Ledger;

/// <summary>Which actions wait for the reconciler, and until when: a few keys that all replicas share.</summary>
internal sealed class PendingIndex(DaprClient dapr, IOptions<LedgerOptions> options, ReconcilerSignal signal)
{
    private const int Tries = 50;
    private static readonly StateOptions FirstWrite = new() { Concurrency = ConcurrencyMode.FirstWrite };

    /// <summary>Notes that an action is to be looked at by a time, or earlier if that was noted before; the reconciler of this replica is told.</summary>
    public Task AddAsync(ActionRecord record, DateTimeOffset dueAt, CancellationToken cancellationToken) =>
        NoteAsync(record.Id, new(dueAt, record.Rule), entries => !entries.TryGetValue(record.Id, out var before) || dueAt < before.DueAt, cancellationToken);

    /// <summary>Notes that an action waits until a time, whatever was noted before.</summary>
    public Task PostponeAsync(ActionRecord record, DateTimeOffset dueAt, CancellationToken cancellationToken) =>
        NoteAsync(record.Id, new(dueAt, record.Rule), _ => true, cancellationToken);

    /// <summary>Notes that an action can't be advanced before a time, unless something else was noted since it was listed.</summary>
    public Task DeferAsync(PendingAction listed, DateTimeOffset dueAt, CancellationToken cancellationToken) =>
        NoteAsync(listed.Id, new(dueAt, listed.Rule), entries => entries.TryGetValue(listed.Id, out var now) && now.DueAt == listed.DueAt, cancellationToken);

    /// <summary>Forgets a finished action.</summary>
    public Task RemoveAsync(string id, CancellationToken cancellationToken) =>
        ChangeAsync(id, entries => entries.Remove(id), cancellationToken);

    /// <summary>All pending actions, the longest due first.</summary>
    public async Task<IReadOnlyList<PendingAction>> ListAsync(CancellationToken cancellationToken)
    {
        var keys = Enumerable.Range(0, options.Value.Shards).Select(KeyOf).ToList();
        var shards = await dapr.GetBulkStateAsync<Dictionary<string, PendingEntry>>(options.Value.StateStore, keys, parallelism: null, cancellationToken: cancellationToken);
        return [.. shards.SelectMany(shard => shard.Value ?? []).Select(entry => new PendingAction(entry.Key, entry.Value.Rule, entry.Value.DueAt)).OrderBy(entry => entry.DueAt)];
    }

    private async Task NoteAsync(string id, PendingEntry entry, Func<Dictionary<string, PendingEntry>, bool> holds, CancellationToken cancellationToken)
    {
        await ChangeAsync(id, Noted, cancellationToken);
        signal.Due(entry.DueAt);

        bool Noted(Dictionary<string, PendingEntry> entries)
        {
            var isNews = holds(entries);
            if (isNews)
            {
                entries[id] = entry;
            }

            return isNews;
        }
    }

    private async Task ChangeAsync(string id, Func<Dictionary<string, PendingEntry>, bool> change, CancellationToken cancellationToken)
    {
        var key = KeyOf(ShardOf(id));
        for (var attempt = 0; attempt < Tries; attempt++)
        {
            var (entries, etag) = await dapr.GetStateAndETagAsync<Dictionary<string, PendingEntry>?>(options.Value.StateStore, key, cancellationToken: cancellationToken);
            var changed = entries ?? [];
            if (!change(changed) || await TryWriteAsync(key, changed, entries is null ? null : etag, cancellationToken))
            {
                return;
            }
        }

        throw new TimeoutException($"The pending index key '{key}' was written by others {Tries} times in a row.");
    }

    // A shard is made last-write on purpose never: two creators would each forget the other's entry.
    private async Task<bool> TryWriteAsync(string key, Dictionary<string, PendingEntry> entries, string? etag, CancellationToken cancellationToken)
    {
        if (etag is not null)
        {
            return await dapr.TrySaveStateAsync(options.Value.StateStore, key, entries, etag, FirstWrite, cancellationToken: cancellationToken);
        }

        try
        {
            await dapr.SaveStateAsync(options.Value.StateStore, key, entries, FirstWrite, cancellationToken: cancellationToken);
            return true;
        }
        catch (Dapr.DaprException) when (!cancellationToken.IsCancellationRequested)
        {
            // Lost to another creator, or the store is away: reading the key tells, and throws in the latter case.
            var (there, _) = await dapr.GetStateAndETagAsync<Dictionary<string, PendingEntry>?>(options.Value.StateStore, key, cancellationToken: cancellationToken);
            return there is null ? throw new TimeoutException($"The state store '{options.Value.StateStore}' does not take the key '{key}'.") : false;
        }
    }

    private int ShardOf(string id) => Convert.ToInt32(id[..4], 16) % options.Value.Shards;

    private static string KeyOf(int shard) => $"pending-{shard}";
}

/// <summary>What a key of the index says of an action.</summary>
/// <param name="DueAt">When it is to be looked at.</param>
/// <param name="Rule">Its rule, so that the rules get their turns without a look at each record.</param>
internal sealed record PendingEntry(DateTimeOffset DueAt, string Rule);

/// <summary>An action that waits for the reconciler.</summary>
internal sealed record PendingAction(string Id, string Rule, DateTimeOffset DueAt);
