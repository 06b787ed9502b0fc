using System.Net;
using System.Net.Sockets;

namespace MLEvents.Tests.Common;

/// <summary>Free TCP ports, for those who must know their port before they listen.</summary>
public static class FreePort
{
    // Below the ports that systems give to outgoing connections and to listeners that ask for any: one of those would be taken before it is used.
    private const int Lowest = 10_000;
    private const int Highest = 20_000;

    // Test projects run as processes at the same time: each begins elsewhere, and counts on.
    private static int _last = Environment.ProcessId * 131;

    /// <summary>A loopback port that is free and that this process was not given before.</summary>
    public static int Next()
    {
        while (true)
        {
            var port = Lowest + (int)((uint)Interlocked.Increment(ref _last) % (Highest - Lowest));
            if (IsFree(port))
            {
                return port;
            }
        }
    }

    private static bool IsFree(int port)
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
}
