using Microsoft.Extensions.Logging;

using MLEvents.Ledger.Activity;
using MLEvents.Ledger.Indexes;
using MLEvents.Ledger.Records;

namespace MLEvents.Ledger.Execution;

/// <summary>Creates follow-ups as actions of the ledger.</summary>
internal sealed partial class FollowUps(RecordStore records, PendingIndex pending, ActivityOutbox outbox, TimeProvider time, ILogger<FollowUps> logger) : IFollowUps
{
    public async Task<bool> EnsureAsync(ActionRecord cause, FollowUp followUp, CancellationToken cancellationToken)
    {
        var stored = await records.FindAsync(followUp.IdFor(cause), cancellationToken) is { Record: var found } ? found : await CreateAsync(followUp.ToRecord(cause, time.GetUtcNow()), cancellationToken);
        if (stored.IsFinished)
        {
            return false;
        }

        // The process that created the record may have ended before it added the action to the index.
        await pending.AddAsync(stored, stored.DueAt ?? followUp.DueAt, cancellationToken);
        return true;
    }

    private async Task<ActionRecord> CreateAsync(ActionRecord record, CancellationToken cancellationToken)
    {
        // The activity is published before the record is stored, as for actions that events cause.
        record = await outbox.PublishAsync(record, cancellationToken);
        if (await records.TryCreateAsync(record, cancellationToken))
        {
            LogAccepted(record.Id, record.Rule, record.DueAt);
        }

        return (await records.FindAsync(record.Id, cancellationToken))?.Record ?? record;
    }

    [LoggerMessage(1, LogLevel.Information, "Action {ActionId} of rule {Rule} accepted as a follow-up, due at {DueAt}")]
    private partial void LogAccepted(string actionId, string rule, DateTimeOffset? dueAt);
}
