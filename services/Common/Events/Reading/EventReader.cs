using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

namespace MLEvents.Events.Reading;

/// <summary>Reads events in JSON, in either schema: an Event Grid array, a CloudEvent, a CloudEvents batch, or a mixture.</summary>
/// <remarks>An unreadable event does not affect the others of its batch. It becomes an <see cref="UnreadableElement"/> with the reason. If a batch has many unreadable events, the last ones share one element.</remarks>
public static class EventReader
{
    // The largest body that is parsed as one document. Event Grid's batches are smaller, unless an event subscription asks for larger ones.
    private const int WholeBytes = 128 * 1024;

    /// <summary>Reads a body.</summary>
    /// <param name="body">JSON in UTF-8, with or without a byte order mark.</param>
    /// <param name="refuse">Returns the reason why a readable event is refused, or null to accept it. A refused event becomes an <see cref="UnreadableElement"/>. Without this function, every event is accepted.</param>
    /// <exception cref="JsonException">The body is not JSON, or nests deeper than <see cref="JsonLimits.MaxDepth"/>.</exception>
    /// <exception cref="NotAnEventBatchException">The body is JSON, but neither an object nor an array.</exception>
    public static EventBatch Read(ReadOnlyMemory<byte> body, Func<EventEnvelope, string?>? refuse = null)
    {
        var json = WithoutByteOrderMark(body);
        var content = new BatchContent(refuse);
        if (json.Length > WholeBytes)
        {
            ReadElementwise(json.Span, content);
        }
        else
        {
            ReadWhole(json, content);
        }

        return content.ToBatch();
    }

    private static void ReadWhole(ReadOnlyMemory<byte> json, BatchContent content)
    {
        using var document = JsonDocument.Parse(json, JsonLimits.Document);
        IEnumerable<JsonElement> elements = document.RootElement.ValueKind switch
        {
            JsonValueKind.Array => document.RootElement.EnumerateArray(),
            JsonValueKind.Object => [document.RootElement],
            var kind => throw NotABatch(kind),
        };
        foreach (var element in elements)
        {
            content.Add(element, JsonMarshal.GetRawUtf8Value(element));
        }
    }

    // Reads a large body element by element. A document of the whole body needs 12 bytes for each token, which is up to 12 times the size of the body.
    private static void ReadElementwise(ReadOnlySpan<byte> json, BatchContent content)
    {
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = JsonLimits.MaxDepth });
        reader.Read();
        if (reader.TokenType == JsonTokenType.StartArray)
        {
            while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            {
                ReadElement(ref reader, json, content);
            }
        }
        else if (reader.TokenType == JsonTokenType.StartObject)
        {
            ReadElement(ref reader, json, content);
        }
        else
        {
            throw NotABatch(KindOf(reader.TokenType));
        }

        // Throws if text follows the value.
        reader.Read();
    }

    private static void ReadElement(ref Utf8JsonReader reader, ReadOnlySpan<byte> json, BatchContent content)
    {
        var start = (int)reader.TokenStartIndex;
        if (reader.TokenType == JsonTokenType.StartObject)
        {
            using var document = JsonDocument.ParseValue(ref reader);
            content.Add(document.RootElement, json[start..(int)reader.BytesConsumed]);
            return;
        }

        // An element that is not an object gets no document, because a body can contain hundreds of thousands of numbers.
        var kind = KindOf(reader.TokenType);
        reader.Skip();
        content.AddNonObject(kind, json[start..(int)reader.BytesConsumed]);
    }

    private static JsonValueKind KindOf(JsonTokenType token) => token switch
    {
        JsonTokenType.StartArray => JsonValueKind.Array,
        JsonTokenType.String => JsonValueKind.String,
        JsonTokenType.Number => JsonValueKind.Number,
        JsonTokenType.True => JsonValueKind.True,
        JsonTokenType.False => JsonValueKind.False,
        _ => JsonValueKind.Null,
    };

    private static NotAnEventBatchException NotABatch(JsonValueKind kind) => new($"The body is a JSON {kind}; an event (object) or a batch of events (array) is expected.");

    /// <summary>Reads one event.</summary>
    /// <param name="json">The event in either schema.</param>
    /// <param name="envelope">The event, if it could be read.</param>
    /// <param name="error">The reason, if the event could not be read.</param>
    public static bool TryRead(JsonElement json, [NotNullWhen(true)] out EventEnvelope? envelope, [NotNullWhen(false)] out string? error)
    {
        (envelope, error) = ReadOne(json);
        return envelope is not null && error is null;
    }

    /// <summary>The body without its byte order mark.</summary>
    public static ReadOnlyMemory<byte> WithoutByteOrderMark(ReadOnlyMemory<byte> body) =>
        body.Span.StartsWith(Encoding.UTF8.Preamble) ? body[Encoding.UTF8.Preamble.Length..] : body;

    private static string NotAnObject(JsonValueKind kind) => $"it is a JSON {kind}, not an object";

    private static (EventEnvelope? Envelope, string? Error) ReadOne(JsonElement json)
    {
        if (json.ValueKind != JsonValueKind.Object)
        {
            return (null, NotAnObject(json.ValueKind));
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

    /// <summary>The events and the unreadable elements of a body, in its order.</summary>
    private sealed class BatchContent(Func<EventEnvelope, string?>? refuse)
    {
        private readonly List<EventEnvelope> _events = [];
        private readonly UnreadableElements _unreadable = new();
        private int _index;

        public void Add(JsonElement element, ReadOnlySpan<byte> raw)
        {
            if (TryRead(element, out var envelope, out var error) && (error = refuse?.Invoke(envelope)) is null)
            {
                _events.Add(envelope);
            }
            else
            {
                _unreadable.Add(_index, error, raw);
            }

            _index++;
        }

        public void AddNonObject(JsonValueKind kind, ReadOnlySpan<byte> raw) => _unreadable.Add(_index++, NotAnObject(kind), raw);

        public EventBatch ToBatch() => new(_events, _unreadable.ToList());
    }
}

/// <summary>The body is JSON that cannot be a batch of events; the sender must change it.</summary>
public sealed class NotAnEventBatchException(string message) : Exception(message);
