using System.Buffers;
using System.IO.Pipelines;
using System.Text;

namespace MLEvents.Local.Simulator.Smtp;

/// <summary>Reads lines and writes replies. A line ends with LF or CR LF. A line that exceeds the limit is read to its end and returned as null.</summary>
internal sealed class SmtpStream(Stream stream, TimeSpan idle, TimeProvider time) : IAsyncDisposable
{
    private readonly PipeReader _reader = PipeReader.Create(stream, new(leaveOpen: true));

    /// <summary>The next line without its line break. <c>Ended</c> is true if the client closed the connection. The line is null in this case, and if it was too long.</summary>
    /// <exception cref="TimeoutException">The client sent nothing within the idle time-out.</exception>
    public async Task<(byte[]? Line, bool Ended)> ReadLineAsync(int limit, CancellationToken cancellationToken)
    {
        var tooLong = false;
        while (true)
        {
            var result = await _reader.ReadAsync(cancellationToken).AsTask().WaitAsync(idle, time, cancellationToken);
            var buffer = result.Buffer;
            if (buffer.PositionOf((byte)'\n') is { } end)
            {
                var line = buffer.Slice(0, end);
                tooLong |= line.Length > limit;
                var bytes = tooLong ? null : Trim(line.ToArray());
                _reader.AdvanceTo(buffer.GetPosition(1, end));
                return (bytes, false);
            }

            if (result.IsCompleted)
            {
                _reader.AdvanceTo(buffer.End);
                return (null, true);
            }

            tooLong |= buffer.Length > limit;
            _reader.AdvanceTo(tooLong ? buffer.End : buffer.Start, buffer.End);
        }
    }

    /// <summary>Sends a reply of one or more lines.</summary>
    public async Task ReplyAsync(int code, CancellationToken cancellationToken, params IReadOnlyList<string> lines)
    {
        var text = new StringBuilder();
        for (var index = 0; index < lines.Count; index++)
        {
            text.Append(code).Append(index == lines.Count - 1 ? ' ' : '-').Append(lines[index]).Append("\r\n");
        }

        await stream.WriteAsync(Encoding.ASCII.GetBytes(text.ToString()), cancellationToken).AsTask().WaitAsync(idle, time, cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _reader.CompleteAsync();

    private static byte[] Trim(byte[] line) => line is [.. var head, (byte)'\r'] ? head : line;
}
