using System.Text;
using System.Text.Json;

using MLEvents.Events;

namespace MLEvents.Ingress.Reading;

/// <summary>Reads a JSON body of either schema: an Event Grid array, a CloudEvent, a CloudEvents batch, or a mixture.</summary>
/// <remarks>One bad event of a batch never loses or blocks the good ones: it is set apart, with the reason.</remarks>
internal static class EventReader
{
    /// <exception cref="JsonException">The body is not JSON, or nests deeper than <see cref="JsonLimits.MaxDepth"/>.</exception>
    /// <exception cref="NotAnEventBatchException">The body is JSON, but neither an object nor an array.</exception>
    public static ReadEvents Read(ReadOnlyMemory<byte> body)
    {
        using var document = JsonDocument.Parse(WithoutByteOrderMark(body), JsonLimits.Document);
        IEnumerable<JsonElement> elements = document.RootElement.ValueKind switch
        {
            JsonValueKind.Array => document.RootElement.EnumerateArray(),
            JsonValueKind.Object => [document.RootElement],
            var kind => throw new NotAnEventBatchException($"The body is a JSON {kind}; an event (object) or a batch of events (array) is expected."),
        };

        var mayBeNoText = UnicodeCheck.MayFail(body.Span);
        var events = new List<PublishedEvent>();
        var unreadable = new List<UnreadablePart>();
        var index = 0;
        foreach (var element in elements)
        {
            var (readable, error) = mayBeNoText && UnicodeCheck.Fault(element) is { } fault ? (null, fault) : ReadOne(element);
            if (readable is not null)
            {
                events.Add(readable);
            }
            else
            {
                unreadable.Add(new($"event {index} of the request: {error}", Encoding.UTF8.GetBytes(element.GetRawText())));
            }

            index++;
        }

        return new(events, unreadable);
    }

    /// <summary>The type of the only event of a body, for telling the handshakes from notifications; null if the body holds none or several.</summary>
    public static JsonElement? OnlyEvent(ReadOnlyMemory<byte> body)
    {
        try
        {
            using var document = JsonDocument.Parse(WithoutByteOrderMark(body), JsonLimits.Document);
            return UnicodeCheck.MayFail(body.Span) && UnicodeCheck.Fault(document.RootElement) is not null ? null : document.RootElement switch
            {
                { ValueKind: JsonValueKind.Array } array when array.GetArrayLength() == 1 => array[0].Clone(),
                { ValueKind: JsonValueKind.Object } single => single.Clone(),
                _ => null,
            };
        }
        catch (JsonException)
        {
            // Not this method's question: reading the events says what is wrong with the body.
            return null;
        }
    }

    /// <summary>The body without the mark that some editors put before text.</summary>
    public static ReadOnlyMemory<byte> WithoutByteOrderMark(ReadOnlyMemory<byte> body) =>
        body.Span.StartsWith(Encoding.UTF8.Preamble) ? body[Encoding.UTF8.Preamble.Length..] : body;

    private static (PublishedEvent? Event, string? Error) ReadOne(JsonElement element)
    {
        if (element.ValueKind != JsonValueKind.Object)
        {
            return (null, $"it is a JSON {element.ValueKind}, not an object");
        }

        if (element.TryGetProperty("specversion", out _))
        {
            return CloudEventReader.Read(element);
        }

        return element.TryGetProperty("eventType", out _) || element.TryGetProperty("eventTime", out _) || element.TryGetProperty("topic", out _)
            ? EventGridReader.Read(element)
            : (null, "it has neither 'eventType' (Event Grid schema) nor 'specversion' (CloudEvents 1.0)");
    }
}

/// <summary>The body can never be a batch of events: the sender must change it.</summary>
internal sealed class NotAnEventBatchException(string message) : Exception(message);
