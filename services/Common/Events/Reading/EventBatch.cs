using System.Buffers;

namespace MLEvents.Events.Reading;

/// <summary>The content of a request: the readable events, and the unreadable parts.</summary>
/// <param name="Events">Events to publish, in the order given.</param>
/// <param name="Unreadable">Parts for the quarantine.</param>
public sealed record EventBatch(IReadOnlyList<EventEnvelope> Events, IReadOnlyList<UnreadableElement> Unreadable)
{
    /// <summary>A batch without events.</summary>
    public static EventBatch Empty { get; } = new([], []);
}

/// <summary>A part of a request that is not a readable event, or that is refused.</summary>
/// <param name="Reason">The error and its place; bounded in length and without control characters.</param>
/// <param name="Raw">The bytes of the part as received.</param>
public sealed record UnreadableElement(string Reason, ReadOnlyMemory<byte> Raw);

/// <summary>
/// Collects the unreadable elements of a batch. Only the first <see cref="MaxSingle"/> elements become separate parts, because each part is published as a message, and a small body can contain
/// many unreadable elements.
/// </summary>
internal sealed class UnreadableElements
{
    /// <summary>The number of elements that become separate parts. All further elements share one more part.</summary>
    public const int MaxSingle = 16;

    private readonly List<UnreadableElement> _parts = [];
    private ArrayBufferWriter<byte>? _others;
    private string? _firstReason;
    private int _count;

    public void Add(int index, string? error, ReadOnlySpan<byte> raw)
    {
        if (++_count <= MaxSingle)
        {
            _parts.Add(new UnreadableElement(ReasonOf(index, error), raw.ToArray()));
            return;
        }

        _firstReason ??= ReasonOf(index, error);
        _others ??= new ArrayBufferWriter<byte>();
        _others.Write(_others.WrittenCount == 0 ? "["u8 : ","u8);
        _others.Write(raw);
    }

    /// <summary>The parts. If there are more than <see cref="MaxSingle"/> elements, the last part is a JSON array of the further elements.</summary>
    public IReadOnlyList<UnreadableElement> ToList()
    {
        if (_others is not null)
        {
            _others.Write("]"u8);
            _parts.Add(new UnreadableElement($"{_count - MaxSingle} further events of the request are kept together; the error of the first one: {_firstReason}", _others.WrittenMemory));
            _others = null;
        }

        return _parts;
    }

    private static string ReasonOf(int index, string? error) => $"event {index} of the request: {error}";
}
