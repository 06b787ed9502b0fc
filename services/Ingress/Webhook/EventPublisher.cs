using System.Collections.Concurrent;

using Dapr.Client;

using Microsoft.Extensions.Options;

using MLEvents.Events;
using MLEvents.Events.Reading;
using MLEvents.Ingress.DeadLetters;
using MLEvents.Ingress.Senders;

namespace MLEvents.Ingress.Webhook;

/// <summary>Publishes the events of a request with bulk publish, topic by topic, in calls that the sidecar and the broker accept.</summary>
internal sealed class EventPublisher(DaprClient dapr, IOptionsMonitor<IngressOptions> options, TimeProvider time, StoreQuarantined quarantine, IngressTelemetry telemetry)
{
    /// <summary>Bytes of a message that the sidecar and the broker use for attributes and properties of their own.</summary>
    public const int Overhead = 8 * 1024;

    private const int MaxEventsPerCall = 500;
    private const int OverheadPerEvent = 512;

    private readonly ConcurrentDictionary<string, TopicPublisher> _topics = [];

    /// <summary>Publishes the events of a request, and stores or publishes its unreadable parts for the quarantine.</summary>
    /// <exception cref="NotAllPublishedException">Not everything was accepted; the sender must deliver the request again.</exception>
    public async Task PublishAsync(EventBatch batch, IHeaderDictionary headers, Sender? sender, CancellationToken cancellationToken)
    {
        var limit = options.CurrentValue.MaxMessageBytes - Overhead;
        var quarantined = batch.Unreadable.Select(part => Quarantined.Wrap(part, headers, sender?.Name)).ToLookup(envelope => envelope.Json.Length > limit);
        using var timeout = new CancellationTokenSource(options.CurrentValue.PublishTimeout, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        await Task.WhenAll([
            StoreAsync(quarantined[true], both.Token),
            .. batch.Events.Concat(quarantined[false]).GroupBy(envelope => TopicOf(envelope.Type)).Select(topic => PublishAsync(topic.Key, topic, limit, both.Token))]);
    }

    // A quarantine message that is too large for the broker is stored directly.
    private async Task StoreAsync(IEnumerable<EventEnvelope> envelopes, CancellationToken cancellationToken)
    {
        foreach (var envelope in envelopes)
        {
            try
            {
                await quarantine.StoreAsync(envelope.Json, cancellationToken);
            }
            catch (Exception exception) when (exception is not NotAllPublishedException)
            {
                throw NotAllPublishedException.ByStateStore(exception);
            }
        }
    }

    private async Task PublishAsync(string topic, IEnumerable<EventEnvelope> envelopes, int limit, CancellationToken cancellationToken)
    {
        foreach (var (events, size) in Split(envelopes, limit))
        {
            await PublishAsync(topic, events, size, cancellationToken);
            telemetry.Received(topic, events.Count);
        }
    }

    // Brokers limit the size of a batch like the size of a message. Each event counts as at least limit / MaxEventsPerCall bytes, which bounds the number of events in a call.
    private static IEnumerable<(List<PublishedEvent> Events, int Size)> Split(IEnumerable<EventEnvelope> envelopes, int limit)
    {
        var (events, size) = (new List<PublishedEvent>(), 0);
        foreach (var envelope in envelopes)
        {
            var added = Math.Max(envelope.Json.Length + OverheadPerEvent, limit / MaxEventsPerCall);
            if (events.Count > 0 && size + added > limit)
            {
                yield return (events, size);
                (events, size) = ([], 0);
            }

            events.Add(new PublishedEvent(envelope));
            size += added;
        }

        yield return (events, size);
    }

    private async Task PublishAsync(string topic, List<PublishedEvent> events, int size, CancellationToken cancellationToken)
    {
        try
        {
            await _topics.GetOrAdd(topic, Create).PublishAsync(events, size, cancellationToken);
        }
        catch (Exception exception) when (exception is not NotAllPublishedException)
        {
            // After every failure, unconfirmed events must be redelivered.
            throw NotAllPublishedException.ByBroker(topic, exception.Message, exception);
        }
    }

    private TopicPublisher Create(string topic) =>
        new(dapr, topic, () => options.CurrentValue.MaxMessageBytes - Overhead, () => options.CurrentValue.PublishTimeout, time);

    private static string TopicOf(string type) => type == EventTypes.Quarantined ? Topics.Quarantine : Topics.For(type);
}
