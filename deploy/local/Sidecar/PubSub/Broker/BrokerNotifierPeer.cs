using System.Net.Sockets;
using System.Text;

namespace MLEvents.Local.Sidecar.PubSub.Broker;

/// <summary>The connection to another process. Both sides send lines: the name of a topic with new messages, or an empty line for all topics.</summary>
internal sealed class BrokerNotifierPeer : IAsyncDisposable
{
    private const int BufferSize = 4096;
    private readonly Socket _socket;
    private readonly Action<string?> _onNotified;

    public BrokerNotifierPeer(Socket socket, Action<string?> onNotified)
    {
        (_socket, _onNotified) = (socket, onNotified);
        _socket.Blocking = false;
        Closed = ReceiveAsync();
    }

    /// <summary>Completes when the other process closes the connection or ends.</summary>
    public Task Closed { get; }

    /// <summary>Returns one line for each topic, in UTF-8. A name that cannot be written as one line becomes an empty line.</summary>
    public static byte[] Message(IEnumerable<string?> topics) =>
        Encoding.UTF8.GetBytes(string.Concat(topics.Select(topic => (topic is null || topic.Any(char.IsControl) ? "" : topic) + "\n")));

    /// <summary>Sends without waiting. A process that does not read loses the message and finds the change at its next poll.</summary>
    public void Send(byte[] message)
    {
        try
        {
            _socket.Send(message, SocketFlags.None, out _);
        }
        catch (ObjectDisposedException)
        {
            // The receiving loop has already found that the other process has ended.
        }
    }

    /// <summary>Closes the connection without waiting until the receiving loop ends.</summary>
    public void Close() => _socket.Dispose();

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        Close();
        await Closed;
    }

    private async Task ReceiveAsync()
    {
        var buffer = new byte[BufferSize];
        var kept = 0;
        try
        {
            while (await _socket.ReceiveAsync(buffer.AsMemory(kept)) is > 0 and var count)
            {
                kept = Handle(buffer, kept + count);
            }
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // The connection is closed, for example because the other process was killed.
        }
        finally
        {
            _socket.Dispose();
        }
    }

    /// <summary>Handles the complete lines and moves the rest to the front.</summary>
    /// <returns>The number of bytes of the rest. A line that fills the buffer is not a topic; it counts as an empty line.</returns>
    private int Handle(byte[] buffer, int count)
    {
        var rest = buffer.AsSpan(0, count);
        while (rest.IndexOf((byte)'\n') is >= 0 and var end)
        {
            _onNotified(end == 0 ? null : Encoding.UTF8.GetString(rest[..end]));
            rest = rest[(end + 1)..];
        }

        if (rest.Length == buffer.Length)
        {
            _onNotified(null);
            return 0;
        }

        rest.CopyTo(buffer);
        return rest.Length;
    }
}
