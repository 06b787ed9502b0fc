using System.Text;
using System.Text.Json;

using MLEvents.Events;
using MLEvents.ServiceDefaults;

namespace MLEvents.Ingress.DeadLetters;

/// <summary>Stores the messages that subscribers dropped. Dapr forwards the envelope unchanged, including its original topic. Dapr does not say which subscriber dropped a message.</summary>
internal sealed class StoreDeadLetter([FromKeyedServices(Topics.DeadLetters)] DeadLetterStore store, IngressTelemetry telemetry) : IRawTopicHandler
{
    // A broker may rewrite `traceid`, `traceparent` and `tracestate` in each delivery of an event. A forced replay adds ForcedReplay.Attribute.
    private static readonly string[] DeliveryAttributes = ["traceid", "traceparent", "tracestate", ForcedReplay.Attribute];

    public async Task StoreAsync(ReadOnlyMemory<byte> message, CancellationToken cancellationToken)
    {
        await store.StoreAsync(Read(message), message, cancellationToken);
        telemetry.Stored(Topics.DeadLetters);
    }

    /// <summary>The message to store for a dead letter. The dead letter need not be a CloudEvents envelope.</summary>
    public static StoredMessage Read(ReadOnlyMemory<byte> message)
    {
        try
        {
            using var document = JsonDocument.Parse(message, JsonLimits.Document);
            if (!WorkflowEvent.TryRead(document.RootElement, out var read, out var error))
            {
                return Unreadable(message, error);
            }

            var topic = JsonText.Text(document.RootElement, "topic") ?? "";
            return new StoredMessage
            {
                Id = StoredMessage.IdOf(Identity(document.RootElement)),
                Reason = $"a subscriber of '{topic}' dropped the message; the log of that service says why",
                Topic = topic.Length > 0 ? topic : null,
                Event = new StoredEvent(read.Id, read.Type, read.Subject, read.Source),
                ContentType = "application/cloudevents+json",
            };
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            // System.Text.Json throws InvalidOperationException for text that is not valid Unicode.
            return Unreadable(message, exception.Message);
        }
    }

    private static StoredMessage Unreadable(ReadOnlyMemory<byte> message, string why) =>
        new() { Id = StoredMessage.IdOf(message.Span), Reason = $"a subscriber dropped the message, and the message is not a CloudEvents envelope: {why}" };

    private static byte[] Identity(JsonElement envelope) => Encoding.UTF8.GetBytes(string.Join('\n', envelope.EnumerateObject()
        .Where(member => !DeliveryAttributes.Contains(member.Name))
        .OrderBy(member => member.Name, StringComparer.Ordinal)
        .Select(member => $"{member.Name}:{member.Value.GetRawText()}")));
}
