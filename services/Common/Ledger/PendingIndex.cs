using Dapr.Client;

using Microsoft.Extensions.Options;

namespace MLEvents.Ledger;

/// <summary>Which actions wait for the reconciler, and until when: a few keys that all replicas share.</summary>
internal sealed class PendingIndex(DaprClient dapr, IOptions<LedgerOptions> options, ReconcilerSignal signal)
{
    private readonly IdIndex _index = new("pending", dapr, options.Value);

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
        _index.ChangeAsync(id, entries => entries.Remove(id), cancellationToken);

    /// <summary>All pending actions, the longest due first.</summary>
    public async Task<IReadOnlyList<PendingAction>> ListAsync(CancellationToken cancellationToken) =>
        [.. (await _index.ListAsync(cancellationToken)).OrderBy(entry => entry.DueAt)];

    private async Task NoteAsync(string id, DateTimeOffset dueAt, Func<Dictionary<string, DateTimeOffset>, bool> holds, CancellationToken cancellationToken)
    {
        await _index.ChangeAsync(id, Noted, cancellationToken);
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
}

/// <summary>An action that waits for the reconciler.</summary>
internal sealed record PendingAction(string Id, DateTimeOffset DueAt);
