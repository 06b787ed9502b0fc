using Dapr.Client;

using Microsoft.Extensions.Options;

using MLEvents.Events;
using MLEvents.Ingress.Reading;

namespace MLEvents.Ingress;

/// <summary>Puts events into the broker: one bulk publish per topic and request.</summary>
internal sealed class EventPublisher(DaprClient dapr, IOptionsMonitor<IngressOptions> options, TimeProvider time, IngressTelemetry telemetry)
{
    /// <summary>Publishes everything that a request held.</summary>
    /// <exception cref="NotAllPublishedException">The broker did not take everything; the sender must deliver the request again.</exception>
    public async Task PublishAsync(ReadEvents read, IHeaderDictionary headers, CancellationToken cancellationToken)
    {
        var events = read.Events.Concat(read.Unreadable.Select(part => Quarantined.Wrap(part, headers))).ToList();
        using var timeout = new CancellationTokenSource(options.CurrentValue.PublishTimeout, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        await Task.WhenAll(events.GroupBy(published => TopicOf(published.Type)).Select(topic => PublishAsync(topic.Key, [.. topic], both.Token)));
    }

    private async Task PublishAsync(string topic, List<PublishedEvent> events, CancellationToken cancellationToken)
    {
        try
        {
            var response = await dapr.BulkPublishEventAsync(Topics.PubSub, topic, events, cancellationToken: cancellationToken);
            if (response.FailedEntries.Count > 0)
            {
                throw new NotAllPublishedException(topic, $"{response.FailedEntries.Count} of {events.Count} events were refused: {response.FailedEntries[0].ErrorMessage}");
            }
        }
        catch (Exception exception) when (exception is not NotAllPublishedException)
        {
            // Whatever it was: what is not known to be in the broker has to come again.
            throw new NotAllPublishedException(topic, exception.Message, exception);
        }

        telemetry.Received(topic, events.Count);
    }

    private static string TopicOf(string type) => type == EventTypes.Quarantined ? Topics.Quarantine : Topics.Of(type);
}

/// <summary>The broker did not take every event of a request.</summary>
internal sealed class NotAllPublishedException(string topic, string message, Exception? inner = null)
    : Exception($"Publishing to '{topic}' failed: {message}", inner);
