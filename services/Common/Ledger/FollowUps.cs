using Microsoft.Extensions.Logging;

namespace MLEvents.Ledger;

/// <summary>Lets an action bring about another one, which outlives it.</summary>
public interface IFollowUps
{
    /// <summary>Makes sure that a follow-up will be carried out. Harmless when repeated, and when others ask for the same one.</summary>
    /// <param name="cause">The action that asks for it; the first one's event and chain become its own.</param>
    /// <param name="followUp">What is to be done.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>Whether it is still to come or under way, and surely so; false if it has come to its end.</returns>
    /// <exception cref="Dapr.DaprException">The state store or the broker is away.</exception>
    Task<bool> EnsureAsync(ActionRecord cause, FollowUp followUp, CancellationToken cancellationToken);
}

/// <summary>Follow-ups in the ledger.</summary>
internal sealed partial class FollowUps(RecordStore records, PendingIndex pending, ActivityPublisher activity, TimeProvider time, ILogger<FollowUps> logger) : IFollowUps
{
    public async Task<bool> EnsureAsync(ActionRecord cause, FollowUp followUp, CancellationToken cancellationToken)
    {
        var there = await records.FindAsync(followUp.IdFor(cause), cancellationToken) is { Record: var found } ? found : await CreateAsync(followUp.ToRecord(cause, time.GetUtcNow()), cancellationToken);
        if (there.IsFinished)
        {
            return false;
        }

        // Whoever made the record may have died before it was in the index.
        await pending.AddAsync(there, there.DueAt ?? followUp.DueAt, cancellationToken);
        return true;
    }

    private async Task<ActionRecord> CreateAsync(ActionRecord record, CancellationToken cancellationToken)
    {
        // Said before it is stored, as with the actions of events.
        await activity.PublishAsync(record, cancellationToken);
        if (await records.TryCreateAsync(record, cancellationToken))
        {
            LogAccepted(record.Id, record.Rule, record.DueAt);
        }

        return (await records.FindAsync(record.Id, cancellationToken))?.Record ?? record;
    }

    [LoggerMessage(1, LogLevel.Information, "Action {ActionId} of rule {Rule} accepted as a follow-up, due at {DueAt}")]
    private partial void LogAccepted(string actionId, string rule, DateTimeOffset? dueAt);
}
