using MLEvents.Events.Limits;
using MLEvents.Ledger.Records;

namespace MLEvents.Ledger.Limits;

/// <summary>
/// Finds admitted and waiting actions that ended without leaving the limit, because their process ended first. The records of the actions show which actions have ended; no clock is used.
/// </summary>
internal sealed class EndedHolderFinder(RecordStore records)
{
    /// <summary>The holders to remove from a limit before it decides.</summary>
    /// <param name="state">The state of the limit.</param>
    /// <param name="limit">The limit.</param>
    /// <param name="applicant">The holder that asks.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    public async Task<IReadOnlyList<string>> FindAsync(LimitState state, Limit limit, string applicant, CancellationToken cancellationToken)
    {
        // Only the actions that can block the applicant are checked. These are the first waiting actions, as many as the limit admits.
        // If the limit has no period, and its holders and waiting actions fill it, the holders are checked too.
        var held = limit.Period is null && state.Uses.Count + state.Queue.Count >= limit.Max ? state.Uses.Keys : [];
        var waiting = state.Queue.Take(limit.Max).Select(waiter => waiter.Holder);
        var ended = await Task.WhenAll(held.Concat(waiting).Where(holder => holder != applicant).Distinct().Select(async holder => (holder, isEnded: await IsEndedAsync(holder, cancellationToken))));
        return [.. ended.Where(found => found.isEnded).Select(found => found.holder)];
    }

    private async Task<bool> IsEndedAsync(string holder, CancellationToken cancellationToken)
    {
        if (await records.FindAsync(LimitRequest.ActionOf(holder), cancellationToken) is not { Record: var record })
        {
            return true;
        }

        // A record of a newer version cannot be read, so it counts as running.
        return !record.IsNewer && (record.IsFinished || record.RemoteId != holder);
    }
}
