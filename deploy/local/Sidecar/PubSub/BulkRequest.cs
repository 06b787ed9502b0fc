using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

using MLEvents.Local.Sidecar.Errors;
using MLEvents.Local.Sidecar.Requests;

namespace MLEvents.Local.Sidecar.PubSub;

/// <summary>Reads the body of an HTTP bulk publish.</summary>
internal sealed partial class BulkRequest(string pubSub, string topic, string appId, IReadOnlyDictionary<string, string> metadata, TraceContext trace)
{
    private readonly HashSet<string> _ids = [];

    /// <summary>Returns the events of the body in order, each with its entry id.</summary>
    /// <exception cref="DaprException">The body is not a list of entries, or an entry is not valid.</exception>
    public IReadOnlyList<(string EntryId, EventToPublish Event)> Read(ReadOnlyMemory<byte> body)
    {
        try
        {
            return [.. (JsonSerializer.Deserialize(GoText.Repair(body).Span, EntryJson.Default.ListEntry) ?? []).Select(Read)];
        }
        catch (JsonException exception)
        {
            throw DaprErrors.BulkUnmarshal(pubSub, topic, appId, JsonProblem.Describe(exception)).AsException(exception);
        }
    }

    private static byte[]? Bytes(Entry entry)
    {
        var type = entry.ContentType ?? "";
        if (ContentTypes.IsBinary(type))
        {
            return entry.Event.ValueKind == JsonValueKind.String && entry.Event.TryGetBytesFromBase64(out var bytes) ? bytes : null;
        }

        if (ContentTypes.IsText(type))
        {
            return entry.Event.ValueKind == JsonValueKind.String ? Encoding.UTF8.GetBytes(entry.Event.GetString() ?? "") : null;
        }

        return ContentTypes.IsJson(type) || ContentTypes.IsCloudEvent(type) ? Json(entry.Event) : null;
    }

    private static byte[] Json(JsonElement value)
    {
        var utf8 = JsonMarshal.GetRawUtf8Value(value).ToArray();
        var buffer = new ByteBuffer(utf8.Length);
        GoJson.Write(buffer, utf8, GoJson.MaxEnvelopeDepth + 1);
        return buffer.Written.ToArray();
    }

    private (string EntryId, EventToPublish Event) Read(Entry? entry)
    {
        if (string.IsNullOrEmpty(entry?.EntryId) || !_ids.Add(entry.EntryId))
        {
            throw DaprErrors.BulkEntryId(pubSub, topic, appId).AsException();
        }

        var data = Bytes(entry) ?? throw DaprErrors.BulkContentType(pubSub, topic, appId).AsException();
        return (entry.EntryId, new EventToPublish(pubSub, topic, data, entry.ContentType ?? "", Merge(metadata, entry.Metadata), trace));
    }

    /// <summary>Merges the metadata of the request and of the entry. The metadata of the entry has priority.</summary>
    public static Dictionary<string, string> Merge(IReadOnlyDictionary<string, string> request, IEnumerable<KeyValuePair<string, string>>? entry)
    {
        var merged = new Dictionary<string, string>(request);
        foreach (var (name, value) in entry ?? [])
        {
            merged[name] = value;
        }

        return merged;
    }

    private sealed record Entry(string? EntryId, JsonElement Event, string? ContentType, Dictionary<string, string>? Metadata);

    [JsonSourceGenerationOptions(JsonSerializerDefaults.Web, MaxDepth = GoJson.MaxEnvelopeDepth + 1)]
    [JsonSerializable(typeof(List<Entry?>))]
    private sealed partial class EntryJson : JsonSerializerContext;
}
