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
        SetAsync(record.Id, dueAt, before => before is null || dueAt < before.DueAt ? Replace(before, new(dueAt, record.Rule)) : null, cancellationToken);

    /// <summary>Sets the due time of an action, also to a later time. A lease holder calls it before it writes the record.</summary>
    public Task PostponeAsync(ActionRecord record, DateTimeOffset dueAt, CancellationToken cancellationToken) =>
        SetAsync(record.Id, dueAt, _ => new(dueAt, record.Rule), cancellationToken);

    /// <summary>
    /// Sets the due time of an action, also to a later time, so that a deferral that was made before has no effect. A later due time that it replaces is kept for <see cref="DeferAsync"/>,
    /// because a claim may be writing a record with that time.
    /// </summary>
    public Task RepairAsync(ActionRecord record, DateTimeOffset dueAt, CancellationToken cancellationToken) =>
        SetAsync(record.Id, dueAt, before => Replace(before, new(dueAt, record.Rule)), cancellationToken);

    /// <summary>
    /// Sets the due time of an action that could not be taken, unless its due time was changed or the action was removed from the index since it was listed. If the listed due time replaced a
    /// later one, the earlier of that time and <paramref name="dueAt"/> is set.
    /// </summary>
    /// <remarks>
    /// The write of a wake-up can be late: the record was marked before the present claim took the action, and the entry becomes due after the claim postponed it. The lease holder does not read the
    /// index again. A deferral to the end of the lease would therefore hide the due time that the holder writes to the record next.
    /// </remarks>
    public Task DeferAsync(IndexedAction listed, DateTimeOffset dueAt, CancellationToken cancellationToken) =>
        SetAsync(listed.Id, dueAt, now => now is not null && now.DueAt == listed.DueAt ? new(now.PlannedAt < dueAt ? now.PlannedAt.Value : dueAt, listed.Rule) : null, cancellationToken);

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

    private static IndexEntry Replace(IndexEntry? before, IndexEntry next) =>
        (before?.PlannedAt ?? before?.DueAt) is { } planned && planned > next.DueAt ? next with { PlannedAt = planned } : next;

    // The change returns null if the entry stays as it is.
    private async Task SetAsync(string id, DateTimeOffset dueAt, Func<IndexEntry?, IndexEntry?> change, CancellationToken cancellationToken)
    {
        var next = dueAt;
        await _index.UpdateAsync(id, Set, cancellationToken);
        signal.Due(next);

        bool Set(Dictionary<string, IndexEntry> entries)
        {
            if (change(entries.GetValueOrDefault(id)) is not { } entry)
            {
                return false;
            }

            entries[id] = entry;
            next = entry.DueAt;
            return true;
        }
    }
}
