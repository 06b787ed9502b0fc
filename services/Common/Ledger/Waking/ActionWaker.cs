using MLEvents.Ledger.Indexes;
using MLEvents.Ledger.Records;

namespace MLEvents.Ledger.Waking;

/// <summary>Makes pending actions due before their time.</summary>
internal sealed class ActionWaker(RecordStore records, PendingIndex pending, TimeProvider time)
{
    /// <summary>Makes a pending action due now, because the event that it waits for has occurred. An action whose step is running becomes due when the result of the step is recorded.</summary>
    /// <param name="id">The action's id. Nothing happens if no unfinished action has this id.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    public async Task WakeAsync(string id, CancellationToken cancellationToken)
    {
        // The form of the id is checked, because the id can come from a tag that anybody can write, and a store may refuse some keys.
        while (ActionRecord.IsId(id) && await records.FindAsync(id, cancellationToken) is { Record.IsFinished: false } stored)
        {
            var now = time.GetUtcNow();
            if (Wake(stored.Record, now) is not { } woken || await records.TryUpdateAsync(stored, woken, cancellationToken))
            {
                await pending.AddAsync(stored.Record, now, cancellationToken);
                return;
            }
        }
    }

    // Returns null if the record needs no change. A lease holder does not read the index, so the record is marked as woken. The holder's next write then conflicts, and the holder reads the record again.
    private static ActionRecord? Wake(ActionRecord record, DateTimeOffset now) => record switch
    {
        { IsNewer: true } => null,
        { LeaseOwner: not null } when record.LeaseUntil > now => record.IsWoken ? null : record with { IsWoken = true },
        _ => record.DueAt > now ? record with { DueAt = now } : null,
    };
}
