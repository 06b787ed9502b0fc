using System.Net;
using System.Net.NetworkInformation;

using MLEvents.Tests.Common;

namespace MLEvents.EndToEnd.Running;

/// <summary>Ranges of ports for hosts that run at the same time.</summary>
internal static class PortRange
{
    /// <summary>The number of ports of a host.</summary>
    public const int Length = 80;

    /// <summary>Returns the first port of a range in which no program listens. No other test gets the range.</summary>
    public static int Next() => FreePort.NextRange(Length);

    /// <summary>Returns the ports of a range that have a listener.</summary>
    public static IReadOnlyList<int> Listening(int first) => [.. Listening().Where(port => port >= first && port < first + Length).Distinct()];

    private static IEnumerable<int> Listening() => IPGlobalProperties.GetIPGlobalProperties().GetActiveTcpListeners().Select((IPEndPoint endpoint) => endpoint.Port);
}
