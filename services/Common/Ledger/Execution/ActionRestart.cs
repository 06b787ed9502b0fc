using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

using MLEvents.Ledger.Activity;
using MLEvents.Ledger.Indexes;
using MLEvents.Ledger.Records;

namespace MLEvents.Ledger.Execution;

/// <summary>Restarts finished actions in a new generation.</summary>
internal sealed partial class ActionRestart(
    RecordStore records, PendingIndex pending, FailedIndex failed, ActivityPublisher activity, IOptions<LedgerOptions> options, TimeProvider time, ILogger<ActionRestart> logger)
{
    /// <summary>Restarts a finished action because its event was replayed with force. It restarts once for each replay, even if the broker delivers the event several times.</summary>
    /// <param name="requested">The action as the rules in force now request it.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <remarks>An action in progress continues. Its record stores the replay's token, so that a redelivery after its end does not restart it.</remarks>
    public async Task ReplayAsync(ActionRecord requested, CancellationToken cancellationToken)
    {
        while (await records.FindAsync(requested.Id, cancellationToken) is { Record.IsNewer: false } stored && !stored.Record.HasMet(requested.ForcedBy))
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

    /// <summary>Writes the restarted record in place of the finished one and makes it pending.</summary>
    /// <returns>False if another writer changed the record since it was read.</returns>
    public async Task<bool> TryRestartAsync(Stored stored, ActionRecord next, DateTimeOffset now, CancellationToken cancellationToken)
    {
        // The index is written before the record: after a crash in the opposite order, the action would wait without end. The entry is due only after the record is written, because
        // the reconciler removes an action that it finds finished.
        await pending.AddAsync(next, now + options.Value.Lease, cancellationToken);
        await activity.PublishAsync(next, cancellationToken);
        if (!await records.TryUpdateAsync(stored, next, cancellationToken))
        {
            return false;
        }

        LogRestarted(next.Id, next.Rule, next.Generation, next.IsForced);
        await pending.AddAsync(next, now, cancellationToken);
        await failed.RemoveAsync(next.Id, now, cancellationToken);
        return true;
    }

    [LoggerMessage(1, LogLevel.Information, "Action {ActionId} of rule {Rule} restarts as generation {Generation}, forced: {IsForced}")]
    private partial void LogRestarted(string actionId, string rule, int generation, bool isForced);
}
