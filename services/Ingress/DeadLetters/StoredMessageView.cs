using System.Text.Json.Serialization;

using MLEvents.Events;

namespace MLEvents.Ingress.DeadLetters;

/// <summary>A stored message in the form that operators read.</summary>
/// <param name="Id">The id of the message.</param>
/// <param name="State"><c>open</c>, or <c>replayed</c> if the message has not arrived again since the replay.</param>
/// <param name="Reason">The reason why the message could not be handled.</param>
/// <param name="Topic">The topic to which a replay publishes; null for a quarantined message, and if a dead letter names no topic.</param>
/// <param name="Event">The event in the message; null if it cannot be read.</param>
/// <param name="ReceivedAt">When the message first arrived.</param>
/// <param name="LastReceivedAt">When the message last arrived.</param>
/// <param name="ReplayedAt">When the message was last replayed; null if never.</param>
/// <param name="Size">The number of bytes of the message.</param>
/// <param name="ContentType">The content type of the bytes.</param>
/// <param name="Headers">The stored headers of the request.</param>
/// <param name="Raw">The bytes in base64; only in the response for a single message.</param>
internal sealed record StoredMessageView(
    string Id, string State, string Reason, string? Topic, StoredEvent? Event, DateTimeOffset ReceivedAt, DateTimeOffset LastReceivedAt, DateTimeOffset? ReplayedAt,
    int Size, string? ContentType, IReadOnlyDictionary<string, string> Headers, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] byte[]? Raw)
{
    /// <summary>The operator of the last replay, with client address and reason; null if the message was not replayed.</summary>
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

/// <summary>A page of stored messages, the newest first.</summary>
internal sealed record StoredMessageList(IReadOnlyList<StoredMessageView> Items, string? Continuation);

/// <summary>The result of a replay.</summary>
internal sealed record ReplayView(string Id, int Published, DateTimeOffset? ReplayedAt);
