using System.Buffers;

namespace MLEvents.Local.Sidecar.PubSub;

/// <summary>A buffer for bytes that grows, and that can also be shortened. Not thread-safe.</summary>
internal sealed class ByteBuffer(int capacity) : IBufferWriter<byte>
{
    private const int MinFree = 256;

    private byte[] _bytes = new byte[capacity];

    /// <summary>The number of bytes. A smaller value removes bytes at the end.</summary>
    public int Length { get; set; }

    /// <summary>The bytes. Invalid after the next write.</summary>
    public Span<byte> Written => _bytes.AsSpan(0, Length);

    /// <summary>Adds bytes at the end.</summary>
    public void Write(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(GetSpan(bytes.Length));
        Length += bytes.Length;
    }

    /// <inheritdoc/>
    public void Advance(int count) => Length += count;

    /// <inheritdoc/>
    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return _bytes.AsMemory(Length);
    }

    /// <inheritdoc/>
    public Span<byte> GetSpan(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return _bytes.AsSpan(Length);
    }

    private void Reserve(int free)
    {
        if (_bytes.Length - Length < Math.Max(1, free))
        {
            Array.Resize(ref _bytes, Math.Max(2 * _bytes.Length, Length + Math.Max(MinFree, free)));
        }
    }
}
