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
    private const int BytesBesideData = 1024;

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
        var buffer = new ByteBuffer(published.Data.Length + BytesBesideData);
        var envelope = new GoJsonObject(buffer, []);
        if (ContentTypes.IsCloudEvent(published.ContentType))
        {
            Complete(envelope, published, appId, now);
        }
        else
        {
            Wrap(envelope, published, appId, now);
        }

        envelope.End();
        return buffer.Written.ToArray();
    }

    /// <summary>Creates the CloudEvent of a subscription with <c>rawPayload</c>: it contains the whole message as Base64.</summary>
    public static byte[] WrapRaw(ReadOnlyMemory<byte> message, string pubSub, string topic)
    {
        var buffer = new ByteBuffer((2 * message.Length) + BytesBesideData);
        var envelope = new GoJsonObject(buffer, []);
        envelope.Add("data_base64", Convert.ToBase64String(message.Span));
        envelope.Add("datacontenttype", "application/octet-stream");
        envelope.Add("id", Guid.NewGuid().ToString());
        envelope.Add("pubsubname", pubSub);
        envelope.Add("source", "Dapr");
        envelope.Add("specversion", "1.0");
        envelope.Add("topic", topic);
        envelope.Add("type", DefaultType);
        envelope.End();
        return buffer.Written.ToArray();
    }

    // The attributes are added in the order of their names, so that GoJsonObject does not have to sort them.
    private static void Wrap(GoJsonObject envelope, EventToPublish published, string appId, DateTimeOffset now)
    {
        var trace = published.Metadata.GetValueOrDefault("cloudevent.traceparent") ?? published.Trace.Parent;
        AddData(envelope, published);
        envelope.Add("datacontenttype", published.ContentType.Length == 0 ? "text/plain" : published.ContentType);
        AddExpiration(envelope, published, now);
        envelope.Add("id", Override(published, "id", Guid.NewGuid().ToString()));
        envelope.Add("pubsubname", published.PubSub);
        envelope.Add("source", Override(published, "source", appId));
        envelope.Add("specversion", "1.0");
        if (published.Metadata.TryGetValue("cloudevent.subject", out var subject))
        {
            envelope.Add("subject", subject);
        }

        envelope.Add("time", Time(now));
        envelope.Add("topic", published.Topic);
        envelope.Add("traceid", trace);
        envelope.Add("traceparent", trace);
        envelope.Add("tracestate", published.Trace.State);
        envelope.Add("type", Override(published, "type", DefaultType));
    }

    // Of attributes with the same name, the last one counts: the attributes of the app replace the defaults, and the attributes from the request (expiration, component, topic) replace those of the app.
    private static void Complete(GoJsonObject envelope, EventToPublish published, string appId, DateTimeOffset now)
    {
        envelope.Add("source", "Dapr");
        envelope.Add("specversion", "1.0");
        envelope.Add("time", Time(now));
        envelope.Add("traceid", published.Trace.Parent);
        envelope.Add("traceparent", published.Trace.Parent);
        envelope.Add("tracestate", published.Trace.State);
        envelope.Add("type", DefaultType);
        try
        {
            var reader = GoJson.Reader(published.Data);
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            {
                throw DaprErrors.CloudEventCreation(published.PubSub, appId, "unexpected EOF").AsException();
            }

            envelope.AddAll(ref reader);

            // Throws if data follows the object.
            reader.Read();
        }
        catch (JsonException)
        {
            throw DaprErrors.CloudEventCreation(published.PubSub, appId, "unexpected EOF").AsException();
        }

        AddExpiration(envelope, published, now);
        envelope.Add("pubsubname", published.PubSub);
        envelope.Add("topic", published.Topic);
    }

    private static void AddExpiration(GoJsonObject envelope, EventToPublish published, DateTimeOffset now)
    {
        if (published.Metadata.TryGetValue("ttlInSeconds", out var ttl) && long.TryParse(ttl, out var seconds))
        {
            envelope.Add("expiration", Time(now.AddSeconds(Math.Clamp(seconds, -MaxTimeToLive, MaxTimeToLive))));
        }
    }

    private static void AddData(GoJsonObject envelope, EventToPublish published)
    {
        if (ContentTypes.IsBinary(published.ContentType))
        {
            envelope.Add("data_base64", Convert.ToBase64String(published.Data.Span));
        }
        else if (!ContentTypes.IsJson(published.ContentType) || !envelope.TryAddJson("data", published.Data))
        {
            envelope.Add("data", Encoding.UTF8.GetString(published.Data.Span));
        }
    }

    private static string Override(EventToPublish published, string attribute, string otherwise) =>
        published.Metadata.TryGetValue("cloudevent." + attribute, out var value) ? value : otherwise;

    private static string Time(DateTimeOffset time) => time.UtcDateTime.ToString(Rfc3339Seconds, CultureInfo.InvariantCulture);
}
