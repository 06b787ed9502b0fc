using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;
using System.Text.Json;

using Dapr.Client;

using MLEvents.State;

namespace MLEvents.Ledger.Indexes;

/// <summary>Maps the ids of actions to their rule and a time. The entries are spread over a few keys that all replicas share; the id determines the key.</summary>
internal sealed class ShardedIndex(string name, DaprClient dapr, LedgerOptions options, CallTimeout timeout, TimeProvider time)
{
    // This number of entries takes about a quarter of the largest gRPC message.
    private const int FewEntries = 10_000;

    // After this time, a key that did not exist is read separately again, because another replica may have created it. The read of all keys does not show the new key if that read fails for this key alone.
    private static readonly TimeSpan MissingFor = TimeSpan.FromMinutes(5);

    // The keys that do not exist, according to a separate read of each of them, with the timestamp of that read.
    private readonly ConcurrentDictionary<string, long> _missing = [];
    private volatile bool _tooLarge;

    /// <summary>Changes the entries in the shard of an id.</summary>
    /// <param name="id">The id.</param>
    /// <param name="change">Changes the entries of the shard and returns whether it changed any. Called again after each lost race.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    public async Task UpdateAsync(string id, Func<Dictionary<string, IndexEntry>, bool> change, CancellationToken cancellationToken)
    {
        var key = KeyOf(ShardOf(id));
        try
        {
            await Document(key).UpdateAsync(
                stored =>
                {
                    var entries = stored ?? [];
                    return change(entries) ? entries : null;
                },
                TimeToLive.Unset,
                cancellationToken);
        }
        finally
        {
            // A write that failed may have created the key.
            _missing.TryRemove(key, out _);
        }
    }

    /// <summary>All entries, in no particular order.</summary>
    /// <exception cref="Dapr.DaprException">The state store is unavailable, or a key cannot be read.</exception>
    /// <exception cref="TimeoutException">The sidecar did not answer in time.</exception>
    public async Task<IReadOnlyList<IndexedAction>> ListAsync(CancellationToken cancellationToken)
    {
        var content = await ReadAsync(cancellationToken);
        if (content.Unreadable is [var first, ..])
        {
            ExceptionDispatchInfo.Throw(first.Failure);
        }

        return content.Actions;
    }

    /// <summary>The entries of all keys that can be read, in no particular order, and the keys that cannot be read.</summary>
    /// <exception cref="Dapr.DaprException">The state store is unavailable, or no key can be read.</exception>
    /// <exception cref="TimeoutException">The sidecar did not answer in time.</exception>
    public async Task<IndexContent> ReadAsync(CancellationToken cancellationToken)
    {
        var keys = Enumerable.Range(0, options.Shards).Select(KeyOf).ToList();
        var together = _tooLarge ? null : await TryReadTogetherAsync(keys, cancellationToken);
        var (actions, unreadable) = (new List<IndexedAction>(), new List<UnreadableKey>());

        // One read after the other: concurrent reads would be combined into one call, whose answer could be too large again.
        foreach (var key in keys)
        {
            try
            {
                actions.AddRange((await ReadAsync(key, together, cancellationToken)).Select(entry => new IndexedAction(entry.Key, entry.Value.Rule, entry.Value.DueAt)));
            }
            catch (Dapr.DaprException exception) when (unreadable.Count < keys.Count - 1)
            {
                unreadable.Add(new UnreadableKey(key, exception));
            }
        }

        if (together is null)
        {
            // If there are few entries, the next read tries one call for all keys again.
            _tooLarge = actions.Count > FewEntries;
        }

        return new IndexContent(actions, unreadable);
    }

    // One call for all keys. Null if their values are too large together for one message, or if one of them is invalid.
    private async Task<Dictionary<string, Dictionary<string, IndexEntry>?>?> TryReadTogetherAsync(List<string> keys, CancellationToken cancellationToken)
    {
        try
        {
            var items = await timeout.RunAsync(
                $"state store '{options.StateStore}'", token => dapr.GetBulkStateAsync<Dictionary<string, IndexEntry>?>(options.StateStore, keys, parallelism: null, cancellationToken: token), cancellationToken: cancellationToken);
            return items.ToDictionary(item => item.Key, item => item.Value);
        }
        catch (Exception exception) when ((exception is Dapr.DaprException or JsonException) && !DaprFailures.IsTransient(exception))
        {
            return null;
        }
    }

    // A read of all keys gives the same answer for a key that it could not read and for a key that does not exist. A separate read distinguishes them.
    private async Task<Dictionary<string, IndexEntry>> ReadAsync(string key, Dictionary<string, Dictionary<string, IndexEntry>?>? together, CancellationToken cancellationToken)
    {
        if (together is not null && together.GetValueOrDefault(key) is null && _missing.TryGetValue(key, out var since) && time.GetElapsedTime(since) < MissingFor)
        {
            return [];
        }

        var found = together?.GetValueOrDefault(key) ?? (await Document(key).FindAsync(cancellationToken))?.Value;
        if (found is null)
        {
            _missing[key] = time.GetTimestamp();
            return [];
        }

        _missing.TryRemove(key, out _);
        return found;
    }

    private StateDocument<Dictionary<string, IndexEntry>> Document(string key) => new(dapr, options.StateStore, key);

    private int ShardOf(string id) => Convert.ToInt32(id[..4], 16) % options.Shards;

    private string KeyOf(int shard) => $"{name}-{shard}";
}
