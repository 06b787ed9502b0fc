using System.Text.Json;
using System.Text.Json.Serialization;

using MLEvents.Events;

namespace MLEvents.Ingress.Webhook;

/// <summary>An envelope on its way to the broker.</summary>
/// <remarks>Because it derives from Dapr's type, <c>DaprClient</c> publishes it as a CloudEvent and keeps its id instead of wrapping it into another event.</remarks>
[JsonConverter(typeof(PublishedEventConverter))]
internal sealed class PublishedEvent(EventEnvelope envelope) : Dapr.CloudEvent
{
    public EventEnvelope Envelope => envelope;
}

/// <summary>Writes the envelope as it is, so that the publisher's data stays byte for byte.</summary>
internal sealed class PublishedEventConverter : JsonConverter<PublishedEvent>
{
    public override PublishedEvent Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        throw new NotSupportedException("Events are published, not received, in this form.");

    public override void Write(Utf8JsonWriter writer, PublishedEvent value, JsonSerializerOptions options) =>
        writer.WriteRawValue(value.Envelope.Json.Span, skipInputValidation: true);
}
