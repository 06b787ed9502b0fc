using System.Net;
using System.Net.NetworkInformation;

namespace MLEvents.EndToEnd.Running;

/// <summary>Ranges of ports for hosts that run at the same time.</summary>
internal static class PortRange
{
    /// <summary>The number of ports of a host.</summary>
    public const int Length = 80;

    // Below the ports that systems assign to outgoing connections.
    private const int Lowest = 20_000;
    private const int Highest = 32_000;
    private static readonly Lock Gate = new();
    private static readonly HashSet<int> Given = [];

    /// <summary>Returns the first port of a range without a listener. No other test gets the range.</summary>
    public static int Next()
    {
        lock (Gate)
        {
            var taken = Listening().ToHashSet();
            var start = Random.Shared.Next((Highest - Lowest) / Length);
            return Enumerable.Range(0, (Highest - Lowest) / Length)
                .Select(step => Lowest + (start + step) * Length % (Highest - Lowest))
                .First(first => !Enumerable.Range(first, Length).Any(taken.Contains) && Given.Add(first));
        }
    }

    /// <summary>Returns the ports of a range that have a listener.</summary>
    public static IReadOnlyList<int> Listening(int first) => [.. Listening().Where(port => port >= first && port < first + Length).Distinct()];

    private static IEnumerable<int> Listening() => IPGlobalProperties.GetIPGlobalProperties().GetActiveTcpListeners().Select((IPEndPoint endpoint) => endpoint.Port);
}
