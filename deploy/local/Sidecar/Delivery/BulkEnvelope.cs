using System.Buffers;

using MLEvents.Local.Sidecar.PubSub;

namespace MLEvents.Local.Sidecar.Delivery;

/// <summary>The request of a bulk subscription, in daprd's form and order.</summary>
internal sealed class BulkEnvelope(TopicSubscription subscription, IReadOnlyList<BulkEntry> entries)
{
    private const string Type = "com.dapr.event.sent.bulk";
    private const int BytesBesideEvent = 256;
    private readonly string _id = Guid.NewGuid().ToString();

    /// <summary>All entries.</summary>
    public IReadOnlyList<BulkEntry> Entries => entries;

    /// <summary>The entries without a settlement, which the next attempt contains.</summary>
    public IEnumerable<BulkEntry> Undecided => entries.Where(entry => entry.Leased.IsUndecided);

    /// <summary>Returns the body of the next attempt, with the entries that are undecided.</summary>
    public ReadOnlyMemory<byte> Write()
    {
        var target = new ArrayBufferWriter<byte>(entries.Sum(entry => entry.Event.Length + BytesBesideEvent) + BytesBesideEvent);
        GoJson.Raw(target, "{\"entries\":[");
        var separator = "";
        foreach (var entry in Undecided)
        {
            GoJson.Raw(target, separator);
            Write(target, entry);
            separator = ",";
        }

        GoJson.Raw(target, "]");
        Member(target, "id", _id);
        GoJson.Raw(target, ",\"metadata\":{\"pubsubName\":");
        GoJson.Write(target, subscription.PubSub);
        GoJson.Raw(target, "}");
        Member(target, "pubsubname", subscription.PubSub);
        Member(target, "topic", subscription.Topic);
        Member(target, "type", Type);
        GoJson.Raw(target, "}");
        return target.WrittenMemory;
    }

    private static void Write(ArrayBufferWriter<byte> target, BulkEntry entry)
    {
        GoJson.Raw(target, "{\"entryId\":");
        GoJson.Write(target, entry.Id);
        GoJson.Raw(target, ",\"event\":");
        target.Write(entry.Event.Span);
        GoJson.Raw(target, ",\"metadata\":");
        WriteMetadata(target, entry.Leased.Message.Metadata);
        Member(target, "contentType", entry.ContentType);
        GoJson.Raw(target, "}");
    }

    private static void WriteMetadata(ArrayBufferWriter<byte> target, IReadOnlyDictionary<string, string> metadata)
    {
        if (metadata.Count == 0)
        {
            GoJson.Raw(target, "null");
            return;
        }

        var separator = "{";
        foreach (var (name, value) in metadata.OrderBy(item => item.Key, StringComparer.Ordinal))
        {
            GoJson.Raw(target, separator);
            GoJson.Write(target, name);
            GoJson.Raw(target, ":");
            GoJson.Write(target, value);
            separator = ",";
        }

        GoJson.Raw(target, "}");
    }

    private static void Member(ArrayBufferWriter<byte> target, string name, string value)
    {
        GoJson.Raw(target, ",");
        GoJson.Write(target, name);
        GoJson.Raw(target, ":");
        GoJson.Write(target, value);
    }
}
