using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json;

namespace MLEvents.Events;

/// <summary>Reads events as files and Azure have them: in CloudEvents' form or in Event Grid's own schema.</summary>
/// <seealso href="https://learn.microsoft.com/azure/event-grid/event-schema"/>
public static class EventReading
{
    /// <summary>Names in Event Grid's schema, and the CloudEvents attributes that the ingress makes of them.</summary>
    private static readonly (string EventGrid, string CloudEvents)[] Names =
    [
        ("id", "id"), ("topic", "source"), ("eventType", "type"), ("subject", "subject"), ("eventTime", "time"), ("dataVersion", "dataversion"), ("data", "data"),
    ];

    /// <summary>Reads an event of either schema.</summary>
    /// <param name="json">The event; cloned, so that its document may be disposed of.</param>
    /// <param name="result">The event, when it could be read.</param>
    /// <param name="error">What is wrong with it, when it could not.</param>
    public static bool TryRead(JsonElement json, [NotNullWhen(true)] out WorkflowEvent? result, [NotNullWhen(false)] out string? error)
    {
        if (json.ValueKind != JsonValueKind.Object || json.TryGetProperty("specversion", out _))
        {
            return WorkflowEvent.TryRead(json, out result, out error);
        }

        if (!json.TryGetProperty("eventType", out _))
        {
            (result, error) = (null, "it has neither 'eventType' (Event Grid schema) nor 'specversion' (CloudEvents 1.0)");
            return false;
        }

        using var envelope = JsonDocument.Parse(ToCloudEvent(json), JsonLimits.Document);
        var readable = WorkflowEvent.TryRead(envelope.RootElement, out result, out error);
        error = error?.Replace("'source'", "'topic'", StringComparison.Ordinal).Replace("'type'", "'eventType'", StringComparison.Ordinal);
        return readable;
    }

    private static ReadOnlyMemory<byte> ToCloudEvent(JsonElement json)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { MaxDepth = JsonLimits.MaxDepth + JsonLimits.Wrapping });
        writer.WriteStartObject();
        writer.WriteString("specversion", "1.0");
        writer.WriteString("datacontenttype", "application/json");
        foreach (var (eventGrid, cloudEvents) in Names)
        {
            if (json.TryGetProperty(eventGrid, out var value))
            {
                // As it is written: numbers keep their form, and text that .NET cannot hold is no reason to fail.
                writer.WritePropertyName(cloudEvents);
                writer.WriteRawValue(value.GetRawText(), skipInputValidation: true);
            }
        }

        writer.WriteEndObject();
        writer.Flush();
        return buffer.WrittenMemory;
    }
}
