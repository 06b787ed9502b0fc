using System.Buffers;
using System.Text.Json;

namespace MLEvents.Events;

/// <summary>Marks a replayed event so that the services repeat its actions.</summary>
public static class ForcedReplay
{
    /// <summary>The CloudEvents extension attribute that carries the replay's token. Only the ingress sets it; an attribute of this name from a sender is renamed.</summary>
    public const string Attribute = "mleventsforce";

    /// <summary>Creates a token for one replay. The ledgers use the token to distinguish a new replay from the redelivery of an earlier one.</summary>
    public static string NewToken() => Guid.NewGuid().ToString("N");

    /// <summary>The token of the forced replay that delivered the event; null if no forced replay delivered the event.</summary>
    public static string? TokenOf(WorkflowEvent workflowEvent) =>
        workflowEvent.Envelope is { ValueKind: JsonValueKind.Object } envelope && envelope.TryGetProperty(Attribute, out var token) && token.ValueKind == JsonValueKind.String
            ? token.GetString()
            : null;

    /// <summary>Replaces the token in an envelope.</summary>
    /// <param name="envelope">A CloudEvents envelope in UTF-8.</param>
    /// <param name="token">The token; null to remove one.</param>
    /// <returns>The envelope with the token; <paramref name="envelope"/> itself if there is nothing to change.</returns>
    public static ReadOnlyMemory<byte> Mark(ReadOnlyMemory<byte> envelope, string? token)
    {
        using var document = JsonDocument.Parse(envelope, JsonLimits.Document);
        if (token is null && !document.RootElement.TryGetProperty(Attribute, out _))
        {
            return envelope;
        }

        var written = new ArrayBufferWriter<byte>(envelope.Length + 64);
        using var writer = new Utf8JsonWriter(written, JsonLimits.Writer);
        writer.WriteStartObject();
        foreach (var member in document.RootElement.EnumerateObject().Where(member => member.Name != Attribute))
        {
            writer.WritePropertyName(member.Name);
            writer.WriteRawValue(System.Runtime.InteropServices.JsonMarshal.GetRawUtf8Value(member.Value), skipInputValidation: true);
        }

        if (token is not null)
        {
            writer.WriteString(Attribute, token);
        }

        writer.WriteEndObject();
        writer.Flush();
        return written.WrittenMemory;
    }
}
