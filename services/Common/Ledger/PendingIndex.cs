using Dapr.Client;

using Microsoft.Extensions.Options;

namespace MLEvents.Ledger;

/// <summary>Which actions wait for the reconciler, and until when: a few keys that all replicas share.</summary>
internal sealed class PendingIndex(DaprClient dapr, IOptions<LedgerOptions> options, ReconcilerSignal signal)
{
    private const int Tries = 50;
    private static readonly StateOptions FirstWrite = new() { Concurrency = ConcurrencyMode.FirstWrite };

    /// <summary>Notes that an action is to be looked at by a time, or earlier if that was noted before; the reconciler of this replica is told.</summary>
    public Task AddAsync(string id, DateTimeOffset dueAt, CancellationToken cancellationToken) =>
        NoteAsync(id, dueAt, entries => !entries.TryGetValue(id, out var before) || dueAt < before, cancellationToken);

    /// <summary>Notes that an action waits until a time, whatever was noted before.</summary>
    public Task PostponeAsync(string id, DateTimeOffset dueAt, CancellationToken cancellationToken) =>
        NoteAsync(id, dueAt, _ => true, cancellationToken);

    /// <summary>Notes that an action can't be advanced before a time, unless something else was noted since it was listed.</summary>
    public Task DeferAsync(PendingAction listed, DateTimeOffset dueAt, CancellationToken cancellationToken) =>
        NoteAsync(listed.Id, dueAt, entries => entries.TryGetValue(listed.Id, out var now) && now == listed.DueAt, cancellationToken);

    /// <summary>Forgets a finished action.</summary>
    public Task RemoveAsync(string id, CancellationToken cancellationToken) =>
        ChangeAsync(id, entries => entries.Remove(id), cancellationToken);

    /// <summary>All pending actions, the longest due first.</summary>
    public async Task<IReadOnlyList<PendingAction>> ListAsync(CancellationToken cancellationToken)
    {
        var keys = Enumerable.Range(0, options.Value.Shards).Select(KeyOf).ToList();
        var shards = await dapr.GetBulkStateAsync<Dictionary<string, DateTimeOffset>>(options.Value.StateStore, keys, parallelism: null, cancellationToken: cancellationToken);
        return [.. shards.SelectMany(shard => shard.Value ?? []).Select(entry => new PendingAction(entry.Key, entry.Value)).OrderBy(entry => entry.DueAt)];
    }

    private async Task NoteAsync(string id, DateTimeOffset dueAt, Func<Dictionary<string, DateTimeOffset>, bool> holds, CancellationToken cancellationToken)
    {
        await ChangeAsync(id, Noted, cancellationToken);
        signal.Due(dueAt);

        bool Noted(Dictionary<string, DateTimeOffset> entries)
        {
            var isNews = holds(entries);
            if (isNews)
            {
                entries[id] = dueAt;
            }

            return isNews;
        }
    }

    private async Task ChangeAsync(string id, Func<Dictionary<string, DateTimeOffset>, bool> change, CancellationToken cancellationToken)
    {
        var key = KeyOf(ShardOf(id));
        for (var attempt = 0; attempt < Tries; attempt++)
        {
            var (entries, etag) = await dapr.GetStateAndETagAsync<Dictionary<string, DateTimeOffset>?>(options.Value.StateStore, key, cancellationToken: cancellationToken);
            var changed = entries ?? [];
            if (!change(changed) || await TryWriteAsync(key, changed, entries is null ? null : etag, cancellationToken))
            {
                return;
            }
        }

        throw new TimeoutException($"The pending index key '{key}' was written by others {Tries} times in a row.");
    }

    // A shard is made last-write on purpose never: two creators would each forget the other's entry.
    private async Task<bool> TryWriteAsync(string key, Dictionary<string, DateTimeOffset> entries, string? etag, CancellationToken cancellationToken)
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
            var (there, _) = await dapr.GetStateAndETagAsync<Dictionary<string, DateTimeOffset>?>(options.Value.StateStore, key, cancellationToken: cancellationToken);
            return there is null ? throw new TimeoutException($"The state store '{options.Value.StateStore}' does not take the key '{key}'.") : false;
        }
    }

    private int ShardOf(string id) => Convert.ToInt32(id[..4], 16) % options.Value.Shards;

    private static string KeyOf(int shard) => $"pending-{shard}";
}

/// <summary>An action that waits for the reconciler.</summary>
internal sealed record PendingAction(string Id, DateTimeOffset DueAt);
