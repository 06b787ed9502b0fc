using System.Text.Json;

using MLEvents.Local.Sidecar.PubSub;

namespace MLEvents.Local.Sidecar.Delivery;

/// <summary>The attributes of an event that a delivery needs. Attributes that are not strings are read as empty.</summary>
/// <param name="Id">Id, or empty.</param>
/// <param name="Expiration">Expiration as written, or empty.</param>
/// <param name="TraceParent">Trace parent as written; null when the event has no such attribute.</param>
internal readonly record struct EnvelopeHead(string Id, string Expiration, string? TraceParent)
{
    /// <summary>Reads an event in one pass, without a copy of its data. Returns null if the event is not a JSON object.</summary>
    public static EnvelopeHead? TryRead(ReadOnlyMemory<byte> envelope)
    {
        try
        {
            var reader = new Utf8JsonReader(GoText.Repair(envelope).Span, new JsonReaderOptions { MaxDepth = GoJson.MaxEnvelopeDepth });
            return reader.Read() && reader.TokenType == JsonTokenType.StartObject ? ReadObject(ref reader) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static EnvelopeHead ReadObject(ref Utf8JsonReader reader)
    {
        var head = new EnvelopeHead("", "", null);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            head = ReadMember(ref reader, head);
        }

        // Throws if data follows the object.
        reader.Read();
        return head;
    }

    private static EnvelopeHead ReadMember(ref Utf8JsonReader reader, EnvelopeHead head)
    {
        if (reader.ValueTextEquals("id"u8))
        {
            return head with { Id = ReadText(ref reader) };
        }

        if (reader.ValueTextEquals("expiration"u8))
        {
            return head with { Expiration = ReadText(ref reader) };
        }

        if (reader.ValueTextEquals("traceparent"u8))
        {
            return head with { TraceParent = ReadText(ref reader) };
        }

        reader.Skip();
        return head;
    }

    private static string ReadText(ref Utf8JsonReader reader)
    {
        reader.Read();
        var text = reader.TokenType == JsonTokenType.String ? reader.GetString() ?? "" : "";
        reader.Skip();
        return text;
    }
}
