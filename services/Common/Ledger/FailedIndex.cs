using Dapr.Client;

using Microsoft.Extensions.Options;

namespace MLEvents.Ledger;

/// <summary>Which actions have failed, and when: what operators look through. Bounded, so that a write never costs more, however many fail.</summary>
internal sealed class FailedIndex(DaprClient dapr, IOptions<LedgerOptions> options, TimeProvider time)
{
    /// <summary>How many failed actions a key of the index lists; the oldest make room, and are still found by their ids.</summary>
    public const int PerShard = 200;

    private readonly ShardedIndex _index = new("failed", dapr, options.Value);

    /// <summary>Notes that an action fails now.</summary>
    public Task AddAsync(ActionRecord record, CancellationToken cancellationToken) => _index.ChangeAsync(
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

    /// <summary>Forgets an action that failed before a time; if it has failed again since, it stays.</summary>
    public Task RemoveAsync(string id, DateTimeOffset before, CancellationToken cancellationToken) =>
        _index.ChangeAsync(id, entries => entries.TryGetValue(id, out var entry) && entry.DueAt <= before && entries.Remove(id), cancellationToken);

    /// <summary>The failed actions, each with the time of its failure; among them may be some that were retried or are gone.</summary>
    public Task<IEnumerable<PendingAction>> ListAsync(CancellationToken cancellationToken) => _index.ListAsync(cancellationToken);
}
