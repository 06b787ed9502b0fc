using Dapr.Client;

using Microsoft.Extensions.Options;

using MLEvents.State;

namespace MLEvents.Ledger.Indexes;

/// <summary>The actions that wait for the reconciler, each with the time of its next step.</summary>
internal sealed class PendingIndex(DaprClient dapr, IOptions<LedgerOptions> options, ReconcilerSignal signal, CallTimeout timeout)
{
    private readonly ShardedIndex _index = new("pending", dapr, options.Value, timeout);

    /// <summary>Adds an action. If it is already in the index, its due time can only become earlier. Signals the reconciler of this replica.</summary>
    public Task AddAsync(ActionRecord record, DateTimeOffset dueAt, CancellationToken cancellationToken) =>
        SetAsync(record.Id, new(dueAt, record.Rule), entries => !entries.TryGetValue(record.Id, out var before) || dueAt < before.DueAt, cancellationToken);

    /// <summary>Sets the due time of an action, also to a later time.</summary>
    public Task PostponeAsync(ActionRecord record, DateTimeOffset dueAt, CancellationToken cancellationToken) =>
        SetAsync(record.Id, new(dueAt, record.Rule), _ => true, cancellationToken);

    /// <summary>Sets the due time of an action unless it changed since the action was listed.</summary>
    public Task DeferAsync(PendingAction listed, DateTimeOffset dueAt, CancellationToken cancellationToken) =>
        SetAsync(listed.Id, new(dueAt, listed.Rule), entries => entries.TryGetValue(listed.Id, out var now) && now.DueAt == listed.DueAt, cancellationToken);

    /// <summary>Removes a finished action.</summary>
    public Task RemoveAsync(string id, CancellationToken cancellationToken) =>
        _index.UpdateAsync(id, entries => entries.Remove(id), cancellationToken);

    /// <summary>All pending actions, ordered by due time.</summary>
    public async Task<IReadOnlyList<PendingAction>> ListAsync(CancellationToken cancellationToken) =>
        [.. (await _index.ListAsync(cancellationToken)).OrderBy(entry => entry.DueAt)];

    private async Task SetAsync(string id, PendingEntry entry, Func<Dictionary<string, PendingEntry>, bool> condition, CancellationToken cancellationToken)
    {
        await _index.UpdateAsync(id, Set, cancellationToken);
        signal.Due(entry.DueAt);

        bool Set(Dictionary<string, PendingEntry> entries)
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

/// <summary>The entry of an action in an index.</summary>
/// <param name="DueAt">When the reconciler takes the next step; in the index of failed actions, when the action failed.</param>
/// <param name="Rule">The rule of the action, so that the reconciler can share its capacity between rules without reading each record.</param>
internal sealed record PendingEntry(DateTimeOffset DueAt, string Rule);

/// <summary>An action in an index, with the values of its entry.</summary>
internal sealed record PendingAction(string Id, string Rule, DateTimeOffset DueAt);
