using MLEvents.Ledger.Indexes;
using MLEvents.Ledger.Records;

namespace MLEvents.Ledger.Waking;

/// <summary>Makes pending actions due before their time.</summary>
internal sealed class ActionWaker(RecordStore records, PendingIndex pending, TimeProvider time)
{
    /// <summary>Makes a pending action due now, because the event that it waits for has occurred.</summary>
    /// <param name="id">The action's id. An id without an unfinished action is ignored.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    public async Task WakeAsync(string id, CancellationToken cancellationToken)
    {
        // The id can come from a tag, which anybody can write, and a store may refuse some keys.
        while (ActionRecord.IsId(id) && await records.FindAsync(id, cancellationToken) is { Record.IsFinished: false } stored)
        {
            var now = time.GetUtcNow();
            if (stored.Record.DueAt is null || stored.Record.DueAt <= now || await records.TryUpdateAsync(stored, stored.Record with { DueAt = now }, cancellationToken))
            {
                await pending.AddAsync(stored.Record, now, cancellationToken);
                return;
            }
        }
    }
}
