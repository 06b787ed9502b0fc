using System.Net;
using System.Net.Sockets;

namespace MLEvents.Tests.Common;

/// <summary>Free TCP ports for programs whose port must be known before they listen.</summary>
/// <remarks>
/// Test projects run in parallel processes. Each process reserves blocks of ports by locks on files. The locks end with the process.
/// Each user has a folder for these files, because the files of another user cannot be locked.
/// </remarks>
public static class FreePort
{
    /// <summary>
    /// The lowest port. All returned ports are below the range that operating systems use for outgoing connections and for listeners on port 0. A port of that
    /// range could be taken before a test uses it.
    /// </summary>
    public const int Lowest = 10_000;

    private const int BlockSize = 50;
    private const int Blocks = 440;

    private static readonly Lock Gate = new();
    private static readonly List<FileStream> Held = [];
    private static int _next;
    private static int _end;

    /// <summary>Returns a free loopback port that this process has not used before.</summary>
    public static int Next()
    {
        lock (Gate)
        {
            while (true)
            {
                if (_next == _end)
                {
                    _next = TakeBlocks(1);
                    _end = _next + BlockSize;
                }

                var port = _next++;
                if (IsFree(port))
                {
                    return port;
                }
            }
        }
    }

    /// <summary>Returns the first of consecutive free loopback ports that this process has not used before.</summary>
    /// <param name="length">The number of ports.</param>
    public static int NextRange(int length)
    {
        lock (Gate)
        {
            while (true)
            {
                var first = TakeBlocks((length + BlockSize - 1) / BlockSize);
                if (Enumerable.Range(first, length).All(IsFree))
                {
                    return first;
                }
            }
        }
    }

    /// <summary>Whether no program listens on a loopback port.</summary>
    public static bool IsFree(int port)
    {
        using var listener = new TcpListener(IPAddress.Loopback, port);
        try
        {
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private static int TakeBlocks(int count)
    {
        var folder = Directory.CreateDirectory(Path.Combine(Path.GetTempPath(), $"mlevents-test-ports-{Environment.UserName}")).FullName;
        for (var (start, tried) = (Environment.ProcessId, 0); tried < Blocks; start++, tried++)
        {
            var block = start % Blocks;
            if (block + count <= Blocks && TryReserve(folder, block, count))
            {
                return Lowest + (block * BlockSize);
            }
        }

        throw new InvalidOperationException(
            $"No ports from {Lowest} to {Lowest + (Blocks * BlockSize) - 1} can be reserved. Wait until some of the running test processes end. If there are none, {folder} belongs to another user: delete it.");
    }

    private static bool TryReserve(string folder, int block, int count)
    {
        var reserved = new List<FileStream>();
        try
        {
            for (var next = block; next < block + count; next++)
            {
                reserved.Add(new FileStream(Path.Combine(folder, $"{Lowest + (next * BlockSize)}.lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // This process or another process has reserved one of the blocks, or the file belongs to another user.
            reserved.ForEach(file => file.Dispose());
            return false;
        }

        Held.AddRange(reserved);
        return true;
    }
}
