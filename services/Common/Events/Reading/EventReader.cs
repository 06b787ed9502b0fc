using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

namespace MLEvents.Events.Reading;

/// <summary>Reads events in JSON, in either schema: an Event Grid array, a CloudEvent, a CloudEvents batch, or a mixture.</summary>
/// <remarks>An unreadable event does not affect the others of its batch. It becomes an <see cref="UnreadablePart"/> with the reason.</remarks>
public static class EventReader
{
    /// <summary>Reads a body.</summary>
    /// <param name="body">JSON in UTF-8, with or without a byte order mark.</param>
    /// <param name="refuse">Returns the reason why a readable event is refused, or null to accept it. A refused event becomes an unreadable part. Without this function, every event is accepted.</param>
    /// <exception cref="JsonException">The body is not JSON, or nests deeper than <see cref="JsonLimits.MaxDepth"/>.</exception>
    /// <exception cref="NotAnEventBatchException">The body is JSON, but neither an object nor an array.</exception>
    public static EventBatch Read(ReadOnlyMemory<byte> body, Func<EventEnvelope, string?>? refuse = null)
    {
        using var document = JsonDocument.Parse(WithoutByteOrderMark(body), JsonLimits.Document);
        IEnumerable<JsonElement> elements = document.RootElement.ValueKind switch
        {
            JsonValueKind.Array => document.RootElement.EnumerateArray(),
            JsonValueKind.Object => [document.RootElement],
            var kind => throw new NotAnEventBatchException($"The body is a JSON {kind}; an event (object) or a batch of events (array) is expected."),
        };

        var events = new List<EventEnvelope>();
        var unreadable = new UnreadableParts();
        var index = 0;
        foreach (var element in elements)
        {
            if (TryRead(element, out var envelope, out var error) && (error = refuse?.Invoke(envelope)) is null)
            {
                events.Add(envelope);
            }
            else
            {
                unreadable.Add(index, error, JsonMarshal.GetRawUtf8Value(element));
            }

            index++;
        }

        return new(events, unreadable.ToList());
    }

    /// <summary>Reads one event.</summary>
    /// <param name="json">The event in either schema.</param>
    /// <param name="envelope">The event, if it could be read.</param>
    /// <param name="error">The reason, if it could not.</param>
    public static bool TryRead(JsonElement json, [NotNullWhen(true)] out EventEnvelope? envelope, [NotNullWhen(false)] out string? error)
    {
        (envelope, error) = ReadOne(json);
        return envelope is not null && error is null;
    }

    /// <summary>The body without its byte order mark.</summary>
    public static ReadOnlyMemory<byte> WithoutByteOrderMark(ReadOnlyMemory<byte> body) =>
        body.Span.StartsWith(Encoding.UTF8.Preamble) ? body[Encoding.UTF8.Preamble.Length..] : body;

    private static (EventEnvelope? Envelope, string? Error) ReadOne(JsonElement json)
    {
        if (json.ValueKind != JsonValueKind.Object)
        {
            return (null, $"it is a JSON {json.ValueKind}, not an object");
        }

        if (UnicodeCheck.FindFault(json) is { } fault)
        {
            return (null, fault);
        }

        if (json.TryGetProperty("specversion", out _))
        {
            return EnvelopeBuilder.ReadCloudEvent(json);
        }

        return json.TryGetProperty("eventType", out _) || json.TryGetProperty("eventTime", out _) || json.TryGetProperty("topic", out _)
            ? EventGridSchema.Read(json)
            : (null, "it has neither 'eventType' (Event Grid schema) nor 'specversion' (CloudEvents 1.0)");
    }
}

/// <summary>The body is JSON that cannot be a batch of events; the sender must change it.</summary>
public sealed class NotAnEventBatchException(string message) : Exception(message);
