using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

using MLEvents.Ledger.Activity;
using MLEvents.Ledger.Indexes;
using MLEvents.Ledger.Records;

namespace MLEvents.Ledger.Execution;

/// <summary>Restarts finished actions in a new generation.</summary>
internal sealed partial class ActionRestart(
    RecordStore records, PendingIndex pending, FailedIndex failed, ActivityOutbox outbox, IOptions<LedgerOptions> options, TimeProvider time, ILogger<ActionRestart> logger)
{
    /// <summary>Restarts a finished action because its event was replayed with force. The action restarts once for each replay, even if the broker delivers the event several times.</summary>
    /// <param name="requested">The action as the rules in force now request it.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <remarks>An action in progress continues. Its record stores the replay's token, so that a redelivery after its end does not restart it.</remarks>
    public async Task ReplayAsync(ActionRecord requested, CancellationToken cancellationToken)
    {
        while (await records.FindAsync(requested.Id, cancellationToken) is { Record.IsNewer: false } stored && !stored.Record.HasSeenReplay(requested.ForcedBy))
        {
            var now = time.GetUtcNow();
            var isDone = stored.Record.IsFinished
                ? await TryRestartAsync(stored, stored.Record.Replayed(requested, now), now, cancellationToken)
                : await records.TryUpdateAsync(stored, stored.Record.ForcedByReplay(requested.ForcedBy), cancellationToken);
            if (isDone)
            {
                return;
            }
        }
    }

    /// <summary>Publishes the restart, makes the action pending, replaces the finished record, and removes the action from the failed index.</summary>
    /// <returns>False if another writer changed the record since it was read.</returns>
    public async Task<bool> TryRestartAsync(Stored stored, ActionRecord next, DateTimeOffset now, CancellationToken cancellationToken)
    {
        // The activity is published before the record is written, so that a recorded restart is never missing in the history. If the write fails, the caller's next attempt publishes
        // the same event id again.
        next = await outbox.PublishAsync(next, cancellationToken);

        // The pending index is written before the record. In the opposite order, a crash between the two writes would leave a record that the reconciler never finds. The first entry is
        // due after one lease, so that the reconciler does not find the record still finished and remove the entry. AddAsync then makes the entry due at once.
        await pending.PostponeAsync(next, now + options.Value.Lease, cancellationToken);
        if (!await records.TryUpdateAsync(stored, next, cancellationToken))
        {
            return false;
        }

        LogRestarted(next.Id, next.Rule, next.Generation, next.IsForced);
        await pending.AddAsync(next, now, cancellationToken);
        await failed.RemoveAsync(next.Id, now, cancellationToken);
        return true;
    }

    [LoggerMessage(1, LogLevel.Information, "Action {ActionId} of rule {Rule} restarts as generation {Generation}, repeating completed work: {IsForced}")]
    private partial void LogRestarted(string actionId, string rule, int generation, bool isForced);
}
