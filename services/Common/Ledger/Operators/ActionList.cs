using System.Globalization;

using MLEvents.Ledger.Indexes;
using MLEvents.Ledger.Records;

namespace MLEvents.Ledger.Operators;

/// <summary>
/// Lists the pending and the failed actions. Succeeded and skipped actions are in no index, because an action without failures should cost only two writes.
/// The dashboard's history lists the succeeded and skipped actions.
/// </summary>
internal sealed class ActionList(RecordStore records, PendingIndex pending, FailedIndex failed)
{
    private const string FailedStatus = "failed";
    private const int BatchSize = 8;
    private const int MaxEntries = 1000;

    /// <summary>Reads a page, the latest time first. The time of a pending action is its due time; the time of a failed action is its last failure.</summary>
    /// <param name="limit">The largest number of actions.</param>
    /// <param name="continuation">The continuation of the previous page; null for the first page.</param>
    /// <param name="filter">Selects the actions.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <exception cref="FormatException">The continuation is not valid.</exception>
    public async Task<(IReadOnlyList<ActionRecord> Items, string? Continuation)> PageAsync(
        int limit, string? continuation, ActionFilter filter, CancellationToken cancellationToken)
    {
        var (after, items) = (continuation is null ? null : Parse(continuation), new List<ActionRecord>());
        var entries = (await EntriesAsync(filter.Status, cancellationToken)).Where(entry => after is null || Compare(entry, after) > 0).ToList();
        for (var read = 0; read < Math.Min(entries.Count, MaxEntries); read += BatchSize)
        {
            var batch = entries.GetRange(read, Math.Min(BatchSize, entries.Count - read));
            var found = await Task.WhenAll(batch.Select(entry => records.FindAsync(entry.Id, cancellationToken)));
            foreach (var (entry, stored) in batch.Zip(found))
            {
                if (stored is not { Record: { Status: not (ActionStatus.Succeeded or ActionStatus.Skipped) } record } || !filter.Matches(record))
                {
                    continue;
                }

                items.Add(record);
                if (items.Count == limit)
                {
                    return (items, entry == entries[^1] ? null : Format(entry));
                }
            }
        }

        return (items, entries.Count > MaxEntries ? Format(entries[MaxEntries - 1]) : null);
    }

    private async Task<IEnumerable<IndexedAction>> EntriesAsync(string? status, CancellationToken cancellationToken)
    {
        var waiting = status is FailedStatus ? [] : await pending.ListAsync(cancellationToken);
        var failures = status is null or FailedStatus ? await failed.ListAsync(cancellationToken) : [];
        return waiting.Concat(failures).DistinctBy(entry => entry.Id).Order(Comparer<IndexedAction>.Create(Compare));
    }

    private static int Compare(IndexedAction one, IndexedAction other) =>
        (other.DueAt, one.Id).CompareTo((one.DueAt, other.Id));

    private static string Format(IndexedAction entry) => string.Create(CultureInfo.InvariantCulture, $"{entry.DueAt.UtcTicks}.{entry.Id}");

    private static IndexedAction Parse(string continuation) =>
        continuation.Split('.') is [var ticks, var id] && ActionRecord.IsId(id)
        && long.TryParse(ticks, NumberStyles.None, CultureInfo.InvariantCulture, out var at) && at <= DateTimeOffset.MaxValue.UtcTicks
            ? new IndexedAction(id, "", new DateTimeOffset(at, TimeSpan.Zero))
            : throw new FormatException($"'{continuation}' is not a continuation of this list.");
}
