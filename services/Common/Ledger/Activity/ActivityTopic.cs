using Dapr.Client;

using MLEvents.Events;
using MLEvents.State;

namespace MLEvents.Ledger.Activity;

/// <summary>
/// Publishes events on a topic, in shared calls. A call fails if the broker does not accept all events or the sidecar does not answer in time.
/// After a failed call, this class makes no call for <see cref="ActivityPublisher.Pause"/>.
/// </summary>
internal sealed class ActivityTopic
{
    private readonly DaprClient _dapr;
    private readonly TimeProvider _time;
    private readonly CallTimeout _timeout;
    private readonly TimeSpan _maxCallTime;
    private readonly CallBatcher<PendingActivity> _calls;
    private long _pausedUntil;

    public ActivityTopic(string topic, DaprClient dapr, TimeProvider time, CallTimeout timeout, TimeSpan maxCallTime)
    {
        (Topic, _dapr, _time, _timeout, _maxCallTime) = (topic, dapr, time, timeout, maxCallTime);
        _calls = new(SendAsync);
    }

    public string Topic { get; }

    /// <summary>Whether the last call failed less than <see cref="ActivityPublisher.Pause"/> ago.</summary>
    public bool IsPaused => _time.GetUtcNow().UtcTicks < Volatile.Read(ref _pausedUntil);

    /// <summary>Publishes events in their order.</summary>
    /// <exception cref="Dapr.DaprException">The broker did not accept all events, or no call was made because of the pause after a failed call.</exception>
    /// <exception cref="TimeoutException">The sidecar did not answer in time. The events may have been published.</exception>
    public Task PublishAsync(IReadOnlyList<ActivityEvent> events, CancellationToken cancellationToken)
    {
        var waiting = events.Select(activity => new PendingActivity(activity, cancellationToken)).ToList();
        _calls.AddRange(waiting);
        return Task.WhenAll(waiting.Select(pending => pending.Published)).WaitAsync(cancellationToken);
    }

    private async Task SendAsync(IReadOnlyList<PendingActivity> waiting)
    {
        if (IsPaused)
        {
            // An earlier call failed while these events waited for it, or shortly before they were added.
            throw new Dapr.DaprException($"No call to topic '{Topic}' was made, because an earlier call failed a few seconds ago");
        }

        var response = await CallAsync([.. waiting.Select(pending => pending.Event)]);
        var failed = response.FailedEntries.ToDictionary(entry => entry.Entry.EventData, entry => entry.ErrorMessage);
        foreach (var pending in waiting)
        {
            if (failed.TryGetValue(pending.Event, out var error))
            {
                pending.Fail(new Dapr.DaprException($"The broker refused an event of topic '{Topic}': {error}"));
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
                $"topic '{Topic}'", token => _dapr.BulkPublishEventAsync(Topics.PubSub, Topic, events, cancellationToken: token), _maxCallTime);
            isAccepted = response.FailedEntries.Count == 0;
            return response;
        }
        finally
        {
            Volatile.Write(ref _pausedUntil, isAccepted ? 0 : (_time.GetUtcNow() + ActivityPublisher.Pause).UtcTicks);
        }
    }
}
