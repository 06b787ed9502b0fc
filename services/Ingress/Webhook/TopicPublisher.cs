using Dapr.Client;

using MLEvents.Events;
using MLEvents.State;

namespace MLEvents.Ingress.Webhook;

/// <summary>Publishes events on one topic. The events of requests that wait while a call is in flight share the next call. Each request has its own result.</summary>
internal sealed class TopicPublisher
{
    private readonly DaprClient _dapr;
    private readonly string _topic;
    private readonly Func<TimeSpan> _timeout;
    private readonly TimeProvider _time;
    private readonly CallBatcher<PendingEvents> _calls;

    /// <summary>Creates a publisher.</summary>
    /// <param name="dapr">The client of the sidecar.</param>
    /// <param name="topic">The topic.</param>
    /// <param name="maxBytes">The largest size of a call, in bytes.</param>
    /// <param name="timeout">The longest time of a call.</param>
    /// <param name="time">The clock.</param>
    public TopicPublisher(DaprClient dapr, string topic, Func<int> maxBytes, Func<TimeSpan> timeout, TimeProvider time)
    {
        (_dapr, _topic, _timeout, _time) = (dapr, topic, timeout, time);
        _calls = new(SendAsync, maxBytes);
    }

    /// <summary>Publishes events of a request, all in one call.</summary>
    /// <exception cref="NotAllPublishedException">The broker did not accept all events.</exception>
    public Task PublishAsync(IReadOnlyList<PublishedEvent> events, int size, CancellationToken cancellationToken)
    {
        var pending = new PendingEvents(events, size, cancellationToken);
        _calls.Add(pending);
        return pending.Published.WaitAsync(cancellationToken);
    }

    private async Task SendAsync(IReadOnlyList<PendingEvents> requests)
    {
        try
        {
            await CallAsync(requests);
        }
        catch (Exception exception) when (requests.Count > 1 && exception is not OutOfMemoryException)
        {
            // The events of one request must not make the events of other requests fail. After a failed shared call, each request therefore gets a separate call.
            await Task.WhenAll(requests.Select(request => SendAloneAsync(request)));
        }
    }

    private async Task SendAloneAsync(PendingEvents request)
    {
        try
        {
            await CallAsync([request]);
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            request.Fail(exception);
        }
    }

    private async Task CallAsync(IReadOnlyList<PendingEvents> requests)
    {
        using var timeout = new CancellationTokenSource(_timeout(), _time);
        PublishedEvent[] events = [.. requests.SelectMany(request => request.Events)];
        var response = await _dapr.BulkPublishEventAsync(Topics.PubSub, _topic, events, cancellationToken: timeout.Token);
        var failed = response.FailedEntries.ToDictionary(entry => entry.Entry.EventData, entry => entry.ErrorMessage);
        foreach (var request in requests)
        {
            var errors = request.Events.Where(failed.ContainsKey).Select(refused => failed[refused]).ToList();
            if (errors.Count == 0)
            {
                request.Complete();
            }
            else
            {
                var refused = request.Events.Count == 1 ? "the event was refused" : $"{errors.Count} of {request.Events.Count} events {(errors.Count == 1 ? "was" : "were")} refused";
                request.Fail(NotAllPublishedException.ByBroker(_topic, $"{refused}: {errors[0]}"));
            }
        }
    }
}
