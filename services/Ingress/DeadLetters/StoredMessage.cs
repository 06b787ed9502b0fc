using System.Text.Json.Serialization;

using MLEvents.Events;
using MLEvents.State;

namespace MLEvents.Ingress.DeadLetters;

/// <summary>A message that the ingress quarantined or a subscriber dropped. It is stored for the retention time, so that an operator can replay it. Its bytes are stored under separate keys.</summary>
/// <remarks>If the stored JSON lacks a member, the generated JSON code sets the member to null or 0. A member with another default therefore turns null or 0 into its default.</remarks>
internal sealed record StoredMessage
{
    private const int CurrentVersion = 2;
    private const int IdLength = 32;

    /// <summary>The version of the record's format, so that a newer service can read older records. Now 2. Version 1 did not count deliveries and stored the bytes of one delivery only.</summary>
    public int Version { get; init => field = value == 0 ? CurrentVersion : value; } = CurrentVersion;

    /// <summary>The id, derived from the message: 32 characters of 0-9 and a-f. A redelivery of the message has the same id.</summary>
    public required string Id { get; init; }

    /// <summary>When the message first arrived.</summary>
    public DateTimeOffset ReceivedAt { get; init; }

    /// <summary>When the message last arrived. It is later than <see cref="ReceivedAt"/> if the message arrived again, for instance because it failed again after a replay.</summary>
    public DateTimeOffset LastReceivedAt { get; init; }

    /// <summary>The number of deliveries.</summary>
    public int Receipts { get; init; }

    /// <summary>When the message was last replayed; null if never.</summary>
    public DateTimeOffset? ReplayedAt { get; init; }

    /// <summary>The operator of the last replay, with client address and reason; null if the message was not replayed.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public Intervention? ReplayedBy { get; init; }

    /// <summary>The number of deliveries when the last replay began.</summary>
    public int ReplayedReceipts { get; init; }

    /// <summary>The reason why the message could not be handled; empty if unknown.</summary>
    public string Reason { get; init => field = value ?? ""; } = "";

    /// <summary>The topic to which a replay publishes; null for a quarantined message, and if a dead letter names no topic.</summary>
    public string? Topic { get; init; }

    /// <summary>The event in the message; null if it cannot be read.</summary>
    public StoredEvent? Event { get; init; }

    /// <summary>The number of bytes of the last delivery.</summary>
    public int Size { get; init; }

    /// <summary>The id of the bytes of the last delivery. It is part of the keys of these bytes, because the bytes of two deliveries of one message may differ. Null in version 1.</summary>
    public string? Bytes { get; init; }

    /// <summary>The content type of the bytes; null if none was given.</summary>
    public string? ContentType { get; init; }

    /// <summary>The stored headers of the request. They show the origin of the request, and contain the attributes of an event in binary mode.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; init => field = value ?? new Dictionary<string, string>(); } = new Dictionary<string, string>();

    /// <summary>The segment of the index that lists the message. The segment is chosen before the index is written, so that a redelivery after a crash does not list the message twice.</summary>
    public int Segment { get; init; }

    /// <summary>Whether no operator has replayed the message since it last arrived.</summary>
    [JsonIgnore]
    public bool IsOpen => ReplayedAt is null || ReplayedReceipts < Receipts;

    /// <summary>Whether this service may write the record. Writing a newer record would lose its new members.</summary>
    internal bool IsKnown => Version <= CurrentVersion;

    /// <summary>The record after another delivery.</summary>
    internal StoredMessage WithDelivery(DateTimeOffset now, int size, string bytes, int segment) => this with
    {
        Version = CurrentVersion,
        LastReceivedAt = now,
        Receipts = Receipts + 1,
        Size = size,
        Bytes = bytes,
        Segment = IsOpen ? Segment : segment,
    };

    /// <summary>The id of a message, from the bytes that identify it.</summary>
    public static string IdOf(ReadOnlySpan<byte> bytes) => StateKey.Hash(bytes, IdLength);

    /// <summary>Whether the text has the form of an id.</summary>
    internal static bool IsId(string text) => StateKey.IsHash(text, IdLength);
}

/// <summary>The attributes that identify an event.</summary>
/// <param name="Id">The event's id.</param>
/// <param name="Type">The event's type.</param>
/// <param name="Subject">The event's subject.</param>
/// <param name="Source">The event's source.</param>
internal sealed record StoredEvent(string Id, string Type, string Subject, string Source);

/// <summary>A page of stored messages, the newest first.</summary>
/// <param name="Items">The messages.</param>
/// <param name="Continuation">Where the next page begins; null on the last page.</param>
internal sealed record StoredMessagePage(IReadOnlyList<StoredMessage> Items, string? Continuation);
