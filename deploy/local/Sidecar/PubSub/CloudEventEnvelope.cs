using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;

using MLEvents.Local.Sidecar.Components;
using MLEvents.Local.Sidecar.Errors;

namespace MLEvents.Local.Sidecar.PubSub;

/// <summary>One event that the app publishes.</summary>
/// <param name="PubSub">Component.</param>
/// <param name="Topic">Topic.</param>
/// <param name="Data">Body.</param>
/// <param name="ContentType">Media type from the request, or empty.</param>
/// <param name="Metadata">Publish metadata of the request and the entry.</param>
/// <param name="Trace">Trace headers of the request.</param>
internal sealed record EventToPublish(
    string PubSub, string Topic, ReadOnlyMemory<byte> Data, string ContentType, IReadOnlyDictionary<string, string> Metadata, TraceContext Trace)
{
    /// <summary>Whether the broker stores the bytes unchanged, without a CloudEvent.</summary>
    public bool IsRaw => CloudEventEnvelope.IsRaw(Metadata);
}

/// <summary>Creates the CloudEvent that daprd would send to the broker. Apart from ids and times, the bytes are the same.</summary>
internal static class CloudEventEnvelope
{
    private const string Rfc3339Seconds = "yyyy-MM-dd'T'HH:mm:ss'Z'";
    private const string DefaultType = "com.dapr.event.sent";
    private const int InitialBytes = 2048;

    // The longest duration in Go, about 292 years.
    private const long MaxTimeToLive = long.MaxValue / 1_000_000_000;

    /// <summary>
    /// Whether the metadata of a request or of a subscription sets <c>rawPayload</c>. A raw request is stored without a CloudEvent, and a raw subscription does not read
    /// the stored message as a CloudEvent.
    /// </summary>
    public static bool IsRaw(IReadOnlyDictionary<string, string> metadata) => metadata.TryGetValue("rawPayload", out var raw) && GoBoolean.IsTrue(raw);

    /// <summary>Wraps or completes an event.</summary>
    /// <exception cref="DaprException">The content type is CloudEvents, but the body is not a JSON object.</exception>
    public static byte[] Create(EventToPublish published, string appId, DateTimeOffset now)
    {
        if (!ContentTypes.IsCloudEvent(published.ContentType))
        {
            return Write(Wrap(published, appId, now));
        }

        using var document = GoJson.TryParse(published.Data);
        if (document?.RootElement is not { ValueKind: JsonValueKind.Object } given)
        {
            throw DaprErrors.CloudEventCreation(published.PubSub, appId, "unexpected EOF").AsException();
        }

        return Write(Complete(given, published, now));
    }

    /// <summary>Creates the CloudEvent that a subscription with <c>rawPayload</c> receives. Its data is the whole message as Base64.</summary>
    public static byte[] WrapRaw(ReadOnlyMemory<byte> message, string pubSub, string topic) => Write(new()
    {
        ["data_base64"] = Quoted(Convert.ToBase64String(message.Span)),
        ["datacontenttype"] = Quoted("application/octet-stream"),
        ["id"] = Quoted(Guid.NewGuid().ToString()),
        ["pubsubname"] = Quoted(pubSub),
        ["source"] = Quoted("Dapr"),
        ["specversion"] = Quoted("1.0"),
        ["topic"] = Quoted(topic),
        ["type"] = Quoted(DefaultType),
    });

    private static Dictionary<string, AttributeValue> Wrap(EventToPublish published, string appId, DateTimeOffset now)
    {
        var trace = published.Metadata.GetValueOrDefault("cloudevent.traceparent") ?? published.Trace.Parent;
        var envelope = new Dictionary<string, AttributeValue>
        {
            ["id"] = Quoted(Override(published, "id", Guid.NewGuid().ToString())),
            ["source"] = Quoted(Override(published, "source", appId)),
            ["type"] = Quoted(Override(published, "type", DefaultType)),
            ["specversion"] = Quoted("1.0"),
            ["datacontenttype"] = Quoted(published.ContentType.Length == 0 ? "text/plain" : published.ContentType),
            ["time"] = Quoted(Time(now)),
            ["traceid"] = Quoted(trace),
            ["traceparent"] = Quoted(trace),
            ["tracestate"] = Quoted(published.Trace.State),
        };
        if (published.Metadata.TryGetValue("cloudevent.subject", out var subject))
        {
            envelope["subject"] = Quoted(subject);
        }

        AddData(envelope, published);
        AddRoute(envelope, published, now);
        return envelope;
    }

    private static Dictionary<string, AttributeValue> Complete(JsonElement given, EventToPublish published, DateTimeOffset now)
    {
        var envelope = new Dictionary<string, AttributeValue>
        {
            ["source"] = Quoted("Dapr"),
            ["type"] = Quoted(DefaultType),
            ["specversion"] = Quoted("1.0"),
            ["time"] = Quoted(Time(now)),
            ["traceid"] = Quoted(published.Trace.Parent),
            ["traceparent"] = Quoted(published.Trace.Parent),
            ["tracestate"] = Quoted(published.Trace.State),
        };
        foreach (var member in given.EnumerateObject())
        {
            envelope[member.Name] = new AttributeValue(member.Value);
        }

        AddRoute(envelope, published, now);
        return envelope;
    }

    private static void AddRoute(Dictionary<string, AttributeValue> envelope, EventToPublish published, DateTimeOffset now)
    {
        envelope["pubsubname"] = Quoted(published.PubSub);
        envelope["topic"] = Quoted(published.Topic);
        if (published.Metadata.TryGetValue("ttlInSeconds", out var ttl) && long.TryParse(ttl, out var seconds))
        {
            envelope["expiration"] = Quoted(Time(now.AddSeconds(Math.Clamp(seconds, -MaxTimeToLive, MaxTimeToLive))));
        }
    }

    private static void AddData(Dictionary<string, AttributeValue> envelope, EventToPublish published)
    {
        if (ContentTypes.IsBinary(published.ContentType))
        {
            envelope["data_base64"] = Quoted(Convert.ToBase64String(published.Data.Span));
            return;
        }

        using var json = ContentTypes.IsJson(published.ContentType) ? GoJson.TryParse(published.Data) : null;
        if (json is null)
        {
            envelope["data"] = Quoted(Encoding.UTF8.GetString(published.Data.Span));
            return;
        }

        envelope["data"] = new AttributeValue(json.RootElement.Clone());
    }

    private static string Override(EventToPublish published, string attribute, string otherwise) =>
        published.Metadata.TryGetValue("cloudevent." + attribute, out var value) ? value : otherwise;

    private static string Time(DateTimeOffset time) => time.UtcDateTime.ToString(Rfc3339Seconds, CultureInfo.InvariantCulture);

    private static AttributeValue Quoted(string text) => new(text);

    private static byte[] Write(Dictionary<string, AttributeValue> envelope)
    {
        // daprd writes a Go map, whose keys are sorted.
        var names = envelope.Keys.ToArray();
        Array.Sort(names, StringComparer.Ordinal);
        var buffer = new ArrayBufferWriter<byte>(InitialBytes);
        var separator = "{"u8;
        foreach (var name in names)
        {
            buffer.Write(separator);
            GoJson.Write(buffer, name);
            buffer.Write(":"u8);
            envelope[name].Write(buffer);
            separator = ","u8;
        }

        buffer.Write("}"u8);
        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>The value of an attribute: text from the sidecar, or JSON from the app.</summary>
    private readonly record struct AttributeValue(string? Text, JsonElement Json)
    {
        public AttributeValue(string text)
            : this(text, default)
        {
        }

        public AttributeValue(JsonElement json)
            : this(null, json)
        {
        }

        public void Write(IBufferWriter<byte> target)
        {
            if (Text is null)
            {
                GoJson.Write(target, Json);
            }
            else
            {
                GoJson.Write(target, Text);
            }
        }
    }
}
