using System.Text;
using System.Text.Json;

using MLEvents.Events;
using MLEvents.Keeping;
using MLEvents.ServiceDefaults;

namespace MLEvents.Ingress.Kept;

/// <summary>Keeps what a subscriber gave up on: Dapr hands the envelope on as it was, with its first topic in it, and does not say who gave up.</summary>
internal sealed class KeepDeadLetter([FromKeyedServices(Topics.DeadLetters)] KeptMessages kept, IngressTelemetry telemetry) : ITopicKeeper
{
    // A broker may write the first three anew each time it takes the same event; a replay by force adds the last.
    private static readonly string[] OfOneDelivery = ["traceid", "traceparent", "tracestate", ForcedReplay.Attribute];

    public async Task KeepAsync(ReadOnlyMemory<byte> message, CancellationToken cancellationToken)
    {
        await kept.KeepAsync(Read(message), message, cancellationToken);
        telemetry.Kept(Topics.DeadLetters);
    }

    /// <summary>What is to be kept of a dead letter; also of one that is no envelope.</summary>
    public static KeptMessage Read(ReadOnlyMemory<byte> message)
    {
        try
        {
            using var document = JsonDocument.Parse(message, JsonLimits.Document);
            if (!WorkflowEvent.TryRead(document.RootElement, out var read, out var error))
            {
                return Unreadable(message, error);
            }

            var topic = Reading.Attribute.Text(document.RootElement, "topic");
            return new KeptMessage
            {
                Id = KeptMessage.IdOf(Identity(document.RootElement)),
                Reason = $"a subscriber of '{topic}' gave up on it, or could not read it; the log of that service says why",
                Topic = topic.Length > 0 ? topic : null,
                Event = new KeptEvent(read.Id, read.Type, read.Subject, read.Source),
                ContentType = "application/cloudevents+json",
            };
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            // The second is what System.Text.Json says of text that is no valid Unicode.
            return Unreadable(message, exception.Message);
        }
    }

    private static KeptMessage Unreadable(ReadOnlyMemory<byte> message, string why) =>
        new() { Id = KeptMessage.IdOf(message.Span), Reason = $"a subscriber gave up on it, and it is no CloudEvents envelope: {why}" };

    private static byte[] Identity(JsonElement envelope) => Encoding.UTF8.GetBytes(string.Join('\n', envelope.EnumerateObject()
        .Where(member => !OfOneDelivery.Contains(member.Name))
        .OrderBy(member => member.Name, StringComparer.Ordinal)
        .Select(member => $"{member.Name}:{member.Value.GetRawText()}")));
}
