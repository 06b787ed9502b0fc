using System.Text.Json;
using System.Text.Json.Serialization;

using MLEvents.Events;

namespace MLEvents.Ingress.Webhook;

/// <summary>An envelope in the form in which Dapr's client publishes it.</summary>
/// <remarks>An object of type <see cref="Dapr.CloudEvent"/> is published as it is, with its id. Dapr wraps an object of any other type into a new CloudEvent.</remarks>
[JsonConverter(typeof(PublishedEventConverter))]
internal sealed class PublishedEvent(EventEnvelope envelope) : Dapr.CloudEvent
{
    public EventEnvelope Envelope => envelope;
}

/// <summary>Writes the envelope unchanged, so that the publisher's data is preserved byte for byte.</summary>
internal sealed class PublishedEventConverter : JsonConverter<PublishedEvent>
{
    public override PublishedEvent Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        throw new NotSupportedException("Events are published, not received, in this form.");

    public override void Write(Utf8JsonWriter writer, PublishedEvent value, JsonSerializerOptions options) =>
        writer.WriteRawValue(value.Envelope.Json.Span, skipInputValidation: true);
}
