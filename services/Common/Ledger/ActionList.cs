using System.Globalization;

namespace MLEvents.Ledger;

/// <summary>Lists the actions that wait and those that failed; those that were done without trouble are in no index, so that they cost two writes.</summary>
internal sealed class ActionList(RecordStore records, PendingIndex pending, FailedIndex failed)
{
    private const int AtOnce = 8;
    private const int MostLookedAt = 1000;

    /// <summary>A page: what waits longest from now first, then what failed, the newest first.</summary>
    /// <param name="limit">How many at most.</param>
    /// <param name="continuation">Where to go on, from the page before; null for the first.</param>
    /// <param name="status">Which status; null for all that are listed.</param>
    /// <param name="rule">Which rule; null for all.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <exception cref="FormatException">The continuation is none.</exception>
    public async Task<(IReadOnlyList<ActionRecord> Items, string? Continuation)> PageAsync(
        int limit, string? continuation, ActionStatus? status, string? rule, CancellationToken cancellationToken)
    {
        var (after, items) = (continuation is null ? null : Parse(continuation), new List<ActionRecord>());
        var entries = (await EntriesAsync(status, cancellationToken)).Where(entry => after is null || Compare(entry, after) > 0).ToList();
        for (var looked = 0; looked < Math.Min(entries.Count, MostLookedAt); looked += AtOnce)
        {
            var batch = entries.GetRange(looked, Math.Min(AtOnce, entries.Count - looked));
            var found = await Task.WhenAll(batch.Select(entry => records.FindAsync(entry.Id, cancellationToken)));
            foreach (var (entry, there) in batch.Zip(found))
            {
                if (there is not { Record: { Status: not (ActionStatus.Succeeded or ActionStatus.Skipped) } record } || (status ?? record.Status) != record.Status || (rule ?? record.Rule) != record.Rule)
                {
                    continue;
                }

                items.Add(record);
                if (items.Count == limit)
                {
                    return (items, entry == entries[^1] ? null : Text(entry));
                }
            }
        }

        return (items, entries.Count > MostLookedAt ? Text(entries[MostLookedAt - 1]) : null);
    }

    private async Task<IEnumerable<PendingAction>> EntriesAsync(ActionStatus? status, CancellationToken cancellationToken)
    {
        var waiting = status is ActionStatus.Failed ? [] : await pending.ListAsync(cancellationToken);
        var given = status is null or ActionStatus.Failed ? await failed.ListAsync(cancellationToken) : [];
        return waiting.Concat(given).DistinctBy(entry => entry.Id).Order(Comparer<PendingAction>.Create(Compare));
    }

    private static int Compare(PendingAction one, PendingAction other) =>
        (other.DueAt, one.Id).CompareTo((one.DueAt, other.Id));

    private static string Text(PendingAction entry) => string.Create(CultureInfo.InvariantCulture, $"{entry.DueAt.UtcTicks}.{entry.Id}");

    private static PendingAction Parse(string continuation) =>
        continuation.Split('.') is [var ticks, var id] && ActionRecord.IsId(id)
        && long.TryParse(ticks, NumberStyles.None, CultureInfo.InvariantCulture, out var at) && at <= DateTimeOffset.MaxValue.UtcTicks
            ? new PendingAction(id, "", new DateTimeOffset(at, TimeSpan.Zero))
            : throw new FormatException($"'{continuation}' is no continuation of a list.");
}
