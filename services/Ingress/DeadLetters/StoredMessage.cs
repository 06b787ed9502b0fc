using System.Text.Json.Serialization;

using MLEvents.Events;
using MLEvents.State;

namespace MLEvents.Ingress.DeadLetters;

/// <summary>A message that no service could handle. It is stored until an operator replays it; its bytes are a document of their own.</summary>
internal sealed record StoredMessage
{
    private const int CurrentVersion = 2;
    private const int IdLength = 32;

    /// <summary>The form of the record, so that a newer service reads what an older one wrote. Now 2; 1 counted no receipts and kept the bytes of one delivery only.</summary>
    public int Version { get; init; } = CurrentVersion;

    /// <summary>Its id, derived from the message: 32 characters of 0-9 and a-f. The same message delivered again has the same.</summary>
    public required string Id { get; init; }

    /// <summary>When it came first.</summary>
    public DateTimeOffset ReceivedAt { get; init; }

    /// <summary>When it came last: later than <see cref="ReceivedAt"/> if it came again, for instance because it failed again after a replay.</summary>
    public DateTimeOffset LastReceivedAt { get; init; }

    /// <summary>How often it came.</summary>
    public int Receipts { get; init; }

    /// <summary>When it was replayed last; null if it never was.</summary>
    public DateTimeOffset? ReplayedAt { get; init; }

    /// <summary>Who replayed it last, from where and why; null if it was not replayed.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public Intervention? ReplayedBy { get; init; }

    /// <summary>How often it had come when that replay began.</summary>
    public int ReplayedReceipts { get; init; }

    /// <summary>Why it could not be handled; empty if that is not known.</summary>
    public string Reason { get; init; } = "";

    /// <summary>The topic that a replay goes to; null if the message names none.</summary>
    public string? Topic { get; init; }

    /// <summary>The event that it is; null if it can't be read.</summary>
    public StoredEvent? Event { get; init; }

    /// <summary>Size of its bytes.</summary>
    public int Size { get; init; }

    /// <summary>Which bytes they are, part of their keys: two deliveries of one message may differ. Null in version 1.</summary>
    public string? Bytes { get; init; }

    /// <summary>The content type of its bytes; null if none was given.</summary>
    public string? ContentType { get; init; }

    /// <summary>What came with it; never a key or token.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>();

    /// <summary>The segment of the index that lists it. Chosen before the index is written, so that a delivery after a crash lists it no second time.</summary>
    public int Segment { get; init; }

    /// <summary>Whether no operator has replayed it since it last arrived.</summary>
    [JsonIgnore]
    public bool IsOpen => ReplayedAt is null || ReplayedReceipts < Receipts;

    /// <summary>Whether this service may write the record: what a newer one added would be lost.</summary>
    internal bool IsKnown => Version <= CurrentVersion;

    /// <summary>The record after another delivery.</summary>
    internal StoredMessage CameAgain(DateTimeOffset now, int size, string bytes, int segment) => this with
    {
        Version = CurrentVersion,
        LastReceivedAt = now,
        Receipts = Receipts + 1,
        Size = size,
        Bytes = bytes,
        Segment = IsOpen ? Segment : segment,
    };

    /// <summary>The id of a message, from the bytes that make it what it is.</summary>
    public static string IdOf(ReadOnlySpan<byte> bytes) => StateKey.Hash(bytes, IdLength);

    /// <summary>Whether the text has the form of an id.</summary>
    internal static bool IsId(string text) => StateKey.IsHash(text, IdLength);
}

/// <summary>Names an event.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Type">Its type.</param>
/// <param name="Subject">Its subject.</param>
/// <param name="Source">Its source.</param>
internal sealed record StoredEvent(string Id, string Type, string Subject, string Source);

/// <summary>Some of the kept messages, the newest first.</summary>
/// <param name="Items">The messages.</param>
/// <param name="Continuation">Where the next page begins; null on the last.</param>
internal sealed record StoredMessagePage(IReadOnlyList<StoredMessage> Items, string? Continuation);
