using MLEvents.Local.Sidecar.PubSub.Broker;

namespace MLEvents.Local.Sidecar.Delivery;

/// <summary>A message in the request of a bulk subscription.</summary>
/// <param name="Leased">The message.</param>
/// <param name="Event">The event in the message, as JSON.</param>
/// <param name="ContentType">The media type of the event.</param>
internal sealed record BulkEntry(LeasedMessage Leased, ReadOnlyMemory<byte> Event, string ContentType)
{
    /// <summary>Media type of entries that are CloudEvents.</summary>
    public const string CloudEventType = "application/cloudevents+json";

    /// <summary>Id of the entry in the app's answer.</summary>
    public string Id { get; } = Guid.NewGuid().ToString();

    /// <summary>Creates an entry of a subscription with <c>rawPayload</c>. Its event is the message as a Base64 string.</summary>
    public static BulkEntry FromRaw(LeasedMessage leased)
    {
        byte[] text = [(byte)'"', .. Convert.ToBase64String(leased.Message.Data).Select(character => (byte)character), (byte)'"'];
        return new BulkEntry(leased, text, "application/octet-stream");
    }
}
