using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

using MLEvents.Ledger.Activity;
using MLEvents.Ledger.Records;
using MLEvents.State;

namespace MLEvents.Ledger.Execution;

/// <summary>Records the result of a step: publishes the change, then writes the record while the claim holds the lease.</summary>
internal sealed partial class ResultRecorder(
    RecordStore records, ActivityPublisher activity, ActivityOutbox outbox, StopDeadline stop, IOptions<LedgerOptions> options, TimeProvider time, ILogger<ResultRecorder> logger)
{
    private static readonly TimeSpan BetweenWrites = TimeSpan.FromMilliseconds(250);

    /// <summary>Begins a step. Also starts to read the stored record, because the write of the step's result needs its ETag.</summary>
    public ClaimedStep Begin(Claim claim) => new(claim, new LeasedRecord(records, claim, options.Value.Lease, time), Announcement.Start(activity, claim.Record, time));

    /// <summary>Records the result of a step.</summary>
    /// <returns>The record as it was written; null if the claim has lost the lease.</returns>
    public Task<ActionRecord?> SaveAsync(ClaimedStep claimed, ActionRecord next, CancellationToken cancellationToken) =>
        RepeatAsync(() => PublishAndUpdateAsync(claimed, next, cancellationToken), cancellationToken);

    /// <summary>
    /// Repeats a write while the sidecar or the store is unavailable, for as long as a lease lasts. If a short outage lost the result of a step, the step would
    /// be repeated, and a mail would be sent twice. While the service stops, the write is repeated for <see cref="LedgerOptions.Drain"/> at most.
    /// </summary>
    public async Task<T> RepeatAsync<T>(Func<Task<T>> write, CancellationToken cancellationToken)
    {
        var deadline = time.GetUtcNow() + options.Value.Lease;
        while (true)
        {
            try
            {
                return await write();
            }
            catch (Exception exception) when (DaprFailures.IsTransient(exception) && time.GetUtcNow() < Earlier(deadline, stop.Deadline))
            {
                await Task.Delay(BetweenWrites, time, cancellationToken);
            }
        }
    }

    private static DateTimeOffset Earlier(DateTimeOffset one, DateTimeOffset other) => one < other ? one : other;

    // Only the lease holder publishes, and it publishes before it writes. After a crash between the two, the event is repeated with the same id. In the opposite order, such a crash would lose the event.
    private async Task<ActionRecord?> PublishAndUpdateAsync(ClaimedStep claimed, ActionRecord next, CancellationToken cancellationToken)
    {
        var stored = await claimed.Held.FindAsync(cancellationToken);
        if (stored is not null)
        {
            next = await outbox.PublishAsync(next, await claimed.Announcement.WithAsync(next), cancellationToken);
        }

        // The heartbeat or a wake may write the record in between. After such a conflict, the write is repeated while the claim holds the lease.
        for (; stored is not null; stored = await claimed.Held.FindAsync(cancellationToken))
        {
            // Forced replays may have recorded their tokens in the meantime, and an event may have woken the action.
            var merged = next.ForcedByReplaysOf(stored.Record).WokenBy(stored.Record, time.GetUtcNow());
            if (await records.TryUpdateAsync(stored, merged, cancellationToken))
            {
                return merged;
            }
        }

        LogLeaseLost(claimed.Claim.Id);
        return null;
    }

    [LoggerMessage(1, LogLevel.Warning, "The lease of action {ActionId} expired, or another replica took it. The result of the step is discarded; the next holder of the lease continues the action")]
    private partial void LogLeaseLost(string actionId);
}

/// <summary>A step of a claimed action, from its beginning until its result is recorded.</summary>
/// <param name="Claim">The lease.</param>
/// <param name="Held">The stored record of the claim.</param>
/// <param name="Announcement">Publishes that the action was accepted.</param>
internal sealed record ClaimedStep(Claim Claim, LeasedRecord Held, Announcement Announcement) : IAsyncDisposable
{
    public ValueTask DisposeAsync() => Announcement.DisposeAsync();
}
