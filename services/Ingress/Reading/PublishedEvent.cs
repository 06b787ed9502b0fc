using System.Text.Json;
using System.Text.Json.Serialization;

namespace MLEvents.Ingress.Reading;

/// <summary>An event on its way to the broker: CloudEvents 1.0, with the publisher's data untouched.</summary>
/// <remarks>Deriving from Dapr's type makes <c>DaprClient</c> publish it as a CloudEvent of its own, keeping the id, instead of wrapping it into another.</remarks>
internal sealed class PublishedEvent : Dapr.CloudEvent
{
    [JsonPropertyName("data")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public JsonElement? Data { get; init; }

    /// <summary>Any other attribute: those of a CloudEvent that came in, for instance <c>datacontenttype</c>, <c>dataschema</c> and extensions.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement> Attributes { get; init; } = new Dictionary<string, JsonElement>();
}
