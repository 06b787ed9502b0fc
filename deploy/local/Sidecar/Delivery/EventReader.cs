using System.Globalization;

using MLEvents.Local.Sidecar.PubSub;
using MLEvents.Local.Sidecar.PubSub.Broker;

namespace MLEvents.Local.Sidecar.Delivery;

/// <summary>An event that can be delivered.</summary>
/// <param name="Leased">The message.</param>
/// <param name="Body">The CloudEvent. It is created once, so every attempt carries the same event id.</param>
/// <param name="Head">Attributes of the CloudEvent.</param>
internal sealed record ReadEvent(LeasedMessage Leased, ReadOnlyMemory<byte> Body, EnvelopeHead Head);

/// <summary>Reads the messages of a subscription.</summary>
internal sealed partial class EventReader(TopicSubscription subscription, TimeProvider time, ILogger logger)
{
    private readonly ILogger _logger = logger;

    /// <summary>Reads a message. A message that is not a JSON object or has expired is dead-lettered, and the result is null.</summary>
    public ReadEvent? Read(LeasedMessage leased)
    {
        var body = subscription.IsRaw ? CloudEventEnvelope.WrapRaw(leased.Message.Data, subscription.PubSub, subscription.Topic) : leased.Message.Data;
        if (EnvelopeHead.TryRead(body) is not { } head)
        {
            LogUnreadable(subscription.Topic);
            leased.Settle(Settlement.DeadLetter);
            return null;
        }

        if (HasExpired(head))
        {
            LogExpired(head.Id);
            leased.Settle(Settlement.DeadLetter);
            return null;
        }

        return new ReadEvent(leased, body, head);
    }

    private bool HasExpired(EnvelopeHead head) =>
        head.Expiration.Length > 0
        && DateTimeOffset.TryParse(head.Expiration, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var expiration)
        && expiration <= time.GetUtcNow();

    [LoggerMessage(1, LogLevel.Error, "A message of topic {Topic} is not a JSON object; only a subscription with 'rawPayload' can receive it")]
    private partial void LogUnreadable(string topic);

    [LoggerMessage(2, LogLevel.Warning, "Event {EventId} has expired; it is dead-lettered, or dropped if the subscription has no dead-letter topic")]
    private partial void LogExpired(string eventId);
}
