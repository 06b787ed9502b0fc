using System.Buffers;
using System.IO.Pipelines;

namespace MLEvents.Local.Host.InProcess;

/// <summary>Collects the body of an answer in memory.</summary>
internal sealed class BufferedWriter : PipeWriter
{
    private readonly ArrayBufferWriter<byte> _buffer = new();

    /// <summary>All bytes so far.</summary>
    public ReadOnlyMemory<byte> Written => _buffer.WrittenMemory;

    public override bool CanGetUnflushedBytes => true;

    public override long UnflushedBytes => 0;

    public override void Advance(int bytes) => _buffer.Advance(bytes);

    public override Memory<byte> GetMemory(int sizeHint = 0) => _buffer.GetMemory(sizeHint);

    public override Span<byte> GetSpan(int sizeHint = 0) => _buffer.GetSpan(sizeHint);

    public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default) => new(new FlushResult(isCanceled: false, isCompleted: false));

    public override void CancelPendingFlush()
    {
        // A flush completes at once, so none is pending.
    }

    public override void Complete(Exception? exception = null)
    {
        // The exchange ends the answer.
    }
}
