using System.Text.Json;

using Microsoft.Extensions.Logging;

using MLEvents.Ledger.Indexes;
using MLEvents.Ledger.Records;

namespace MLEvents.Ledger.Activity;

/// <summary>
/// Publishes the events of an action before its record is written. Events that the broker does not accept are stored in the record and published later, so that an
/// action does not depend on a topic that is full or unavailable.
/// </summary>
internal sealed partial class ActivityOutbox(ActivityPublisher publisher, RecordStore records, PendingIndex pending, TimeProvider time, ILogger<ActivityOutbox> logger)
{
    /// <summary>How many unpublished events a record keeps, so that its size stays bounded. If there are more, the oldest are lost.</summary>
    public const int MaxEvents = 100;

    /// <summary>Publishes the events that the record keeps, and then the given states of the action.</summary>
    /// <param name="next">The record that the caller writes next.</param>
    /// <param name="states">The states to publish.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>The record to write. If it keeps events, the action is in the pending index, so that the reconciler publishes them.</returns>
    public async Task<ActionRecord> PublishAsync(ActionRecord next, IReadOnlyList<ActionRecord> states, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        List<ActivityEvent> events = [.. Read(next), .. states.Select(state => ActivityEvent.From(state, now))];
        if (events.Count == 0 || await publisher.TryPublishAsync(events, cancellationToken))
        {
            return next.WithUnpublished(null);
        }

        if (events.Count > MaxEvents)
        {
            LogDropped(next.Id, events.Count - MaxEvents, MaxEvents);
        }

        // The index is written first: if an ended action is not in the index, its events are never published.
        await PostponeAsync(next, cancellationToken);
        return next.WithUnpublished([.. events.TakeLast(MaxEvents).Select(activity => new UnpublishedEvent(activity.Topic, JsonElement.Parse(activity.Json)))]);
    }

    /// <summary>Publishes a state of an action; see the other overload.</summary>
    public Task<ActionRecord> PublishAsync(ActionRecord next, CancellationToken cancellationToken) => PublishAsync(next, [next], cancellationToken);

    /// <summary>Publishes the events that a stored record keeps, and removes them from it.</summary>
    /// <returns>True if the events were published and removed from the record. Otherwise, the action stays in the pending index.</returns>
    public async Task<bool> TryFlushAsync(Stored stored, CancellationToken cancellationToken)
    {
        if (await publisher.TryPublishAsync(Read(stored.Record), cancellationToken))
        {
            return await records.TryUpdateAsync(stored, stored.Record.WithUnpublished(null), cancellationToken);
        }

        await PostponeAsync(stored.Record, cancellationToken);
        return false;
    }

    private static List<ActivityEvent> Read(ActionRecord record) =>
        [.. (record.Unpublished ?? []).Select(unpublished => new ActivityEvent(unpublished.Topic, JsonSerializer.SerializeToUtf8Bytes(unpublished.Event, LedgerJson.Default.JsonElement)))];

    // RepairAsync keeps a later due time of the index entry, because the caller may hold the lease and write a record with that time.
    private Task PostponeAsync(ActionRecord record, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var next = now + ActivityPublisher.Pause;
        return pending.RepairAsync(record, record.DueAt > now && record.DueAt < next ? record.DueAt.Value : next, cancellationToken);
    }

    [LoggerMessage(1, LogLevel.Warning, "Action {ActionId}: the {Count} oldest unpublished events are lost, because a record keeps {Limit} at most. The history will miss them")]
    private partial void LogDropped(string actionId, int count, int limit);
}
