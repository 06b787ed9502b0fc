using System.Text.Json.Serialization;

using MLEvents.Events;

namespace MLEvents.Ingress.DeadLetters;

/// <summary>A kept message as operators see it.</summary>
/// <param name="Id">Its id.</param>
/// <param name="State"><c>open</c>, or <c>replayed</c> if it has not come again since.</param>
/// <param name="Reason">Why it could not be handled.</param>
/// <param name="Topic">Where a replay goes; null if it says nothing of that.</param>
/// <param name="Event">The event that it is; null if it can't be read.</param>
/// <param name="ReceivedAt">When it came first.</param>
/// <param name="LastReceivedAt">When it came last.</param>
/// <param name="ReplayedAt">When it was replayed last.</param>
/// <param name="Size">Size of its bytes.</param>
/// <param name="ContentType">Their content type.</param>
/// <param name="Headers">What came with it.</param>
/// <param name="Raw">Its bytes in base64; in the answer to a single message only.</param>
internal sealed record StoredMessageView(
    string Id, string State, string Reason, string? Topic, StoredEvent? Event, DateTimeOffset ReceivedAt, DateTimeOffset LastReceivedAt, DateTimeOffset? ReplayedAt,
    int Size, string? ContentType, IReadOnlyDictionary<string, string> Headers, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] byte[]? Raw)
{
    /// <summary>Who replayed it last, from where and why; null if it was not replayed.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public Intervention? ReplayedBy { get; init; }

    public const string Open = "open";
    public const string Replayed = "replayed";

    public static string StateOf(StoredMessage message) => message.IsOpen ? Open : Replayed;

    public static StoredMessageView From(StoredMessage message, byte[]? raw = null) => new(
        message.Id, StateOf(message), message.Reason, message.Topic, message.Event, message.ReceivedAt, message.LastReceivedAt, message.ReplayedAt,
        message.Size, message.ContentType, message.Headers, raw)
    {
        ReplayedBy = message.ReplayedBy,
    };
}

/// <summary>A page of kept messages, the newest first.</summary>
internal sealed record StoredMessageList(IReadOnlyList<StoredMessageView> Items, string? Continuation);

/// <summary>What a replay did.</summary>
internal sealed record ReplayView(string Id, int Published, DateTimeOffset? ReplayedAt);
