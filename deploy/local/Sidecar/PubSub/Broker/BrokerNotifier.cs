using System.Net.Sockets;
using System.Text;

using MLEvents.Local.Sidecar.Components;

namespace MLEvents.Local.Sidecar.PubSub.Broker;

/// <summary>
/// Wakes the other processes that share a broker file. Each process listens on a Unix domain socket in a folder beside the file and connects to
/// the sockets of the processes that started before it, so every two processes are connected. The operating system closes the connections of a killed process.
/// A process that starts deletes the files in the folder that have no listener and are older than a minute.
/// </summary>
internal sealed partial class BrokerNotifier : IAsyncDisposable
{
    /// <summary>Maximum length of a socket's path on macOS, in bytes. The limit on Linux and Windows is 107.</summary>
    private const int MaxPathLength = 103;

    /// <summary>Age after which a socket file without a listener is deleted. A younger file may belong to a process that has created the file and does not listen yet.</summary>
    private static readonly TimeSpan StaleAfter = TimeSpan.FromMinutes(1);

    private readonly Lock _gate = new();
    private readonly List<BrokerNotifierPeer> _peers = [];
    private readonly CancellationTokenSource _stop = new();
    private readonly string _path;
    private readonly Socket _listener;
    private readonly Action<string?> _onNotified;
    private readonly ILogger _logger;
    private Task _accepting = Task.CompletedTask;

    private BrokerNotifier(string path, Socket listener, Action<string?> onNotified, ILogger logger) =>
        (_path, _listener, _onNotified, _logger) = (path, listener, onNotified, logger);

    /// <summary>How many other processes are connected.</summary>
    public int Peers
    {
        get
        {
            lock (_gate)
            {
                return _peers.Count;
            }
        }
    }

    /// <summary>Opens the socket of this process and connects to the other processes. Returns null if the system or the file system does not support Unix domain sockets, or the path is too long.</summary>
    /// <param name="file">The broker file.</param>
    /// <param name="onNotified">Called with the topic that has new messages, or with null for all topics.</param>
    /// <param name="logger">Logs the reason if the result is null.</param>
    public static BrokerNotifier? TryOpen(string file, Action<string?> onNotified, ILogger logger)
    {
        var folder = file + ".sockets";
        var path = Path.Combine(folder, Convert.ToHexStringLower(Guid.NewGuid().ToByteArray().AsSpan(0, 4)));
        if (!Socket.OSSupportsUnixDomainSockets || Encoding.UTF8.GetByteCount(path) > MaxPathLength)
        {
            LogUnavailable(logger, null, folder);
            return null;
        }

        BrokerNotifier? notifier = null;
        try
        {
            PrivateFiles.CreateFolder(folder);
            notifier = new BrokerNotifier(path, Listen(path), onNotified, logger);
            notifier.Connect(folder);
            notifier._accepting = notifier.AcceptAsync();
            return notifier;
        }
        catch (Exception exception) when (exception is SocketException or IOException or UnauthorizedAccessException)
        {
            notifier?.Close();
            LogUnavailable(logger, exception, folder);
            return null;
        }
    }

    /// <summary>Notifies the other processes of topics with new messages; null in place of a topic stands for all topics. Does not wait.</summary>
    public void Notify(IReadOnlyCollection<string?> topics)
    {
        var peers = CopyPeers();
        if (peers.Length > 0)
        {
            var message = BrokerNotifierPeer.Message(topics);
            foreach (var peer in peers)
            {
                peer.Send(message);
            }
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Dispose();
        await _accepting;
        foreach (var peer in CopyPeers())
        {
            await peer.DisposeAsync();
        }

        Delete(_path);
        _stop.Dispose();
    }

    private static Socket Listen(string path)
    {
        var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            listener.Bind(new UnixDomainSocketEndPoint(path));
            listener.Listen();
            return listener;
        }
        catch
        {
            listener.Dispose();
            throw;
        }
    }

    private void Connect(string folder)
    {
        foreach (var path in Directory.EnumerateFiles(folder).Where(path => path != _path))
        {
            var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            try
            {
                socket.Connect(new UnixDomainSocketEndPoint(path));
                Add(socket);
            }
            catch (Exception exception) when (exception is SocketException or ArgumentException)
            {
                // No process listens, or the file is not a socket and its path is too long for a socket address.
                socket.Dispose();
                DeleteStale(path);
            }
        }
    }

    /// <summary>Closes a notifier that does not accept connections yet. The other processes find that its connections are closed.</summary>
    private void Close()
    {
        _listener.Dispose();
        foreach (var peer in CopyPeers())
        {
            peer.Close();
        }

        Delete(_path);
        _stop.Dispose();
    }

    // Callers iterate over a copy, because a peer is removed from the list when its connection ends.
    private BrokerNotifierPeer[] CopyPeers()
    {
        lock (_gate)
        {
            return [.. _peers];
        }
    }

    private async Task AcceptAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                Add(await _listener.AcceptAsync(_stop.Token));
            }
            catch (Exception exception) when (exception is OperationCanceledException or ObjectDisposedException)
            {
                return;
            }
            catch (SocketException exception)
            {
                LogAcceptFailed(exception);
                return;
            }
        }
    }

    private void Add(Socket socket)
    {
        var peer = new BrokerNotifierPeer(socket, _onNotified);
        lock (_gate)
        {
            _peers.Add(peer);
        }

        _ = peer.Closed.ContinueWith(_ => Remove(peer), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }

    private void Remove(BrokerNotifierPeer peer)
    {
        lock (_gate)
        {
            _peers.Remove(peer);
        }
    }

    private void DeleteStale(string path)
    {
        if (TimeProvider.System.GetUtcNow() - File.GetLastWriteTimeUtc(path) > StaleAfter)
        {
            Delete(path);
        }
    }

    private void Delete(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            LogNotDeleted(exception, path);
        }
    }

    [LoggerMessage(1, LogLevel.Information, "Processes that share this broker poll its file: the folder {Folder} cannot hold Unix domain sockets, or its path is too long")]
    private static partial void LogUnavailable(ILogger logger, Exception? exception, string folder);

    [LoggerMessage(2, LogLevel.Warning, "New processes cannot notify this process of messages. This process finds their messages when it polls the broker file")]
    private partial void LogAcceptFailed(Exception exception);

    [LoggerMessage(3, LogLevel.Debug, "The socket file {Path} cannot be deleted. The next start of a process will retry")]
    private partial void LogNotDeleted(Exception exception, string path);
}
