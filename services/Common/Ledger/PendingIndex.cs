using Dapr.Client;

using Microsoft.Extensions.Options;

namespace MLEvents.Ledger;

/// <summary>Which actions wait for the reconciler, and until when: a few keys that all replicas share.</summary>
internal sealed class PendingIndex(DaprClient dapr, IOptions<LedgerOptions> options, ReconcilerSignal signal)
{
    private readonly ShardedIndex _index = new("pending", dapr, options.Value);

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
        _index.ChangeAsync(id, entries => entries.Remove(id), cancellationToken);

    /// <summary>All pending actions, the longest due first.</summary>
    public async Task<IReadOnlyList<PendingAction>> ListAsync(CancellationToken cancellationToken) =>
        [.. (await _index.ListAsync(cancellationToken)).OrderBy(entry => entry.DueAt)];

    private async Task NoteAsync(string id, PendingEntry entry, Func<Dictionary<string, PendingEntry>, bool> holds, CancellationToken cancellationToken)
    {
        await _index.ChangeAsync(id, Noted, cancellationToken);
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
}

/// <summary>What a key of the index says of an action.</summary>
/// <param name="DueAt">When it is to be looked at.</param>
/// <param name="Rule">Its rule, so that the rules get their turns without a look at each record.</param>
internal sealed record PendingEntry(DateTimeOffset DueAt, string Rule);

/// <summary>An action that waits for the reconciler.</summary>
internal sealed record PendingAction(string Id, string Rule, DateTimeOffset DueAt);
