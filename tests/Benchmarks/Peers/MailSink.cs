using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace MLEvents.Benchmarks.Peers;

/// <summary>
/// An SMTP server that reports the mail of each event and stores nothing. It must need little processor time, because it shares the processor with the measured
/// programs.
/// </summary>
internal sealed class MailSink : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _accepting;

    private MailSink()
    {
        _listener.Start(backlog: 1024);
        _accepting = AcceptAsync();
    }

    /// <summary>The port.</summary>
    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>Called with the id of an event when its mail is accepted.</summary>
    public Action<string> Accepted { get; set; } = _ => { };

    /// <summary>Whether the server refuses mails for now (SMTP reply 451), so that the sender tries again later.</summary>
    public bool IsBusy { get; set; }

    public static MailSink Start() => new();

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Dispose();
        await _accepting;
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        var sessions = new List<Task>();
        try
        {
            while (true)
            {
                sessions.RemoveAll(session => session.IsCompleted);
                sessions.Add(ServeAsync(await _listener.AcceptSocketAsync(_stop.Token)));
            }
        }
        catch (OperationCanceledException)
        {
            await Task.WhenAll(sessions);
        }
    }

    private async Task ServeAsync(Socket socket)
    {
        socket.NoDelay = true;
        await using var stream = new NetworkStream(socket, ownsSocket: true);
        try
        {
            await ServeAsync(PipeReader.Create(stream), PipeWriter.Create(stream));
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException)
        {
            // The client has closed the connection, or the measurement is over.
            return;
        }
    }

    private async Task ServeAsync(PipeReader reader, PipeWriter writer)
    {
        var session = new MailSinkSession(id => Accepted(id), () => IsBusy);
        writer.Write("220 sink ESMTP\r\n"u8);
        await writer.FlushAsync(_stop.Token);
        while (!session.HasQuit)
        {
            var read = await reader.ReadAsync(_stop.Token);
            var buffer = read.Buffer;
            while (buffer.PositionOf((byte)'\n') is { } end)
            {
                session.Handle(Encoding.Latin1.GetString(buffer.Slice(0, end)).TrimEnd('\r'), writer);
                buffer = buffer.Slice(buffer.GetPosition(1, end));
            }

            reader.AdvanceTo(buffer.Start, buffer.End);
            // Answers to pipelined commands are sent together.
            await writer.FlushAsync(_stop.Token);
            if (read.IsCompleted)
            {
                return;
            }
        }
    }
}
