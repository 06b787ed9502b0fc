using Dapr.Client;

using Microsoft.Extensions.Options;

using MLEvents.State;

namespace MLEvents.Ledger.Indexes;

/// <summary>The actions that wait for the reconciler, each with the time of its next step.</summary>
internal sealed class PendingIndex(DaprClient dapr, IOptions<LedgerOptions> options, ReconcilerSignal signal, CallTimeout timeout, TimeProvider time)
{
    private readonly ShardedIndex _index = new("pending", dapr, options.Value, timeout, time);

    /// <summary>Adds an action. If it is already in the index, its due time can only become earlier. Signals the reconciler of this replica.</summary>
    public Task AddAsync(ActionRecord record, DateTimeOffset dueAt, CancellationToken cancellationToken) =>
        SetAsync(record.Id, new(dueAt, record.Rule), entries => !entries.TryGetValue(record.Id, out var before) || dueAt < before.DueAt, cancellationToken);

    /// <summary>Sets the due time of an action, also to a later time.</summary>
    public Task PostponeAsync(ActionRecord record, DateTimeOffset dueAt, CancellationToken cancellationToken) =>
        SetAsync(record.Id, new(dueAt, record.Rule), _ => true, cancellationToken);

    /// <summary>Sets the due time of an action, unless its due time was changed or the action was removed from the index since it was listed.</summary>
    public Task DeferAsync(IndexedAction listed, DateTimeOffset dueAt, CancellationToken cancellationToken) =>
        SetAsync(listed.Id, new(dueAt, listed.Rule), entries => entries.TryGetValue(listed.Id, out var now) && now.DueAt == listed.DueAt, cancellationToken);

    /// <summary>Removes a finished action.</summary>
    public Task RemoveAsync(string id, CancellationToken cancellationToken) =>
        _index.UpdateAsync(id, entries => entries.Remove(id), cancellationToken);

    /// <summary>All pending actions, ordered by due time.</summary>
    public async Task<IReadOnlyList<IndexedAction>> ListAsync(CancellationToken cancellationToken) =>
        [.. (await _index.ListAsync(cancellationToken)).OrderBy(entry => entry.DueAt)];

    /// <summary>The pending actions of all keys that can be read, ordered by due time, and the keys that cannot be read.</summary>
    /// <exception cref="Dapr.DaprException">The state store is unavailable, or no key can be read.</exception>
    public async Task<IndexContent> ReadAsync(CancellationToken cancellationToken)
    {
        var content = await _index.ReadAsync(cancellationToken);
        return content with { Actions = [.. content.Actions.OrderBy(entry => entry.DueAt)] };
    }

    private async Task SetAsync(string id, IndexEntry entry, Func<Dictionary<string, IndexEntry>, bool> condition, CancellationToken cancellationToken)
    {
        await _index.UpdateAsync(id, Set, cancellationToken);
        signal.Due(entry.DueAt);

        bool Set(Dictionary<string, IndexEntry> entries)
        {
            var isChanged = condition(entries);
            if (isChanged)
            {
                entries[id] = entry;
            }

            return isChanged;
        }
    }
}
