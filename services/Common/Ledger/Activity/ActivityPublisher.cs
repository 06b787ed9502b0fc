using Dapr.Client;

using MLEvents.Events;
using MLEvents.State;

namespace MLEvents.Ledger.Activity;

/// <summary>Publishes changes of actions on <see cref="Topics.WorkflowActivity"/>. Changes that wait while a call to the sidecar is in flight share the next call.</summary>
internal sealed class ActivityPublisher
{
    private readonly DaprClient _dapr;
    private readonly TimeProvider _time;
    private readonly CallTimeout _timeout;
    private readonly CallBatcher<PendingActivity> _calls;
    private volatile bool _isFailing;

    public ActivityPublisher(DaprClient dapr, TimeProvider time, CallTimeout timeout)
    {
        (_dapr, _time, _timeout) = (dapr, time, timeout);
        _calls = new(SendAsync);
    }

    /// <summary>Publishes states of an action, in their order. The id of each event is derived from the state, so a repetition after a crash has the same id.</summary>
    /// <exception cref="Dapr.DaprException">The broker did not accept all of them.</exception>
    /// <exception cref="TimeoutException">The sidecar did not answer in time. The events may have been published.</exception>
    public Task PublishAsync(IReadOnlyList<ActionRecord> states, CancellationToken cancellationToken)
    {
        var now = _time.GetUtcNow();
        var events = states.Select(state => new PendingActivity(ActivityEvent.From(state, now), cancellationToken)).ToList();
        events.ForEach(_calls.Add);
        return Task.WhenAll(events.Select(pending => pending.Published)).WaitAsync(cancellationToken);
    }

    /// <summary>Publishes the state of an action.</summary>
    public Task PublishAsync(ActionRecord record, CancellationToken cancellationToken) => PublishAsync([record], cancellationToken);

    /// <summary>
    /// Ensures that results can be published, before an action is claimed: if the last call failed, publishes the state of the action. An action whose result
    /// cannot be published is not executed, because its step would be repeated after each lease.
    /// </summary>
    /// <exception cref="Dapr.DaprException">The broker still fails.</exception>
    public Task EnsureAvailableAsync(ActionRecord record, CancellationToken cancellationToken) => _isFailing ? PublishAsync(record, cancellationToken) : Task.CompletedTask;

    private async Task SendAsync(IReadOnlyList<PendingActivity> waiting)
    {
        var response = await CallAsync([.. waiting.Select(pending => pending.Event)]);
        var failed = response.FailedEntries.ToDictionary(entry => entry.Entry.EventData, entry => entry.ErrorMessage);
        foreach (var pending in waiting)
        {
            if (failed.TryGetValue(pending.Event, out var error))
            {
                pending.Fail(new Dapr.DaprException($"The broker refused an event of topic '{Topics.WorkflowActivity}': {error}"));
            }
            else
            {
                pending.Complete();
            }
        }
    }

    private async Task<BulkPublishResponse<ActivityEvent>> CallAsync(IReadOnlyList<ActivityEvent> events)
    {
        var isAccepted = false;
        try
        {
            var response = await _timeout.RunAsync(
                $"topic '{Topics.WorkflowActivity}'", token => _dapr.BulkPublishEventAsync(Topics.PubSub, Topics.WorkflowActivity, events, cancellationToken: token));
            isAccepted = response.FailedEntries.Count == 0;
            return response;
        }
        finally
        {
            _isFailing = !isAccepted;
        }
    }
}
