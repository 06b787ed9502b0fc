using System.Net;
using System.Net.Sockets;

namespace MLEvents.Notifier.Outgoing;

/// <summary>Addresses inside a network: this machine, private ranges, and the instance metadata service of a cloud.</summary>
/// <seealso href="https://www.iana.org/assignments/iana-ipv4-special-registry/"/>
internal static class PrivateAddresses
{
    private static readonly IPNetwork[] Ranges =
    [
        .. new[]
        {
            "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.168.0.0/16", "198.18.0.0/15", "224.0.0.0/4", "240.0.0.0/4",
            "168.63.129.16/32", "::/128", "::1/128", "64:ff9b::/96", "fc00::/7", "fe80::/10", "ff00::/8",
        }.Select(IPNetwork.Parse),
    ];

    private static readonly string[] Names = ["localhost", "metadata", "metadata.google.internal"];
    private static readonly string[] Suffixes = [".localhost", ".local", ".internal", ".svc", ".cluster.local"];

    /// <summary>Whether an address is private by its number, or by a name that only private networks use.</summary>
    public static bool Contains(Uri address)
    {
        var host = address.IdnHost.Trim('[', ']').TrimEnd('.');
        return IPAddress.TryParse(host, out var number)
            ? Contains(number)
            : !host.Contains('.', StringComparison.Ordinal) || Names.Contains(host, StringComparer.OrdinalIgnoreCase) || Suffixes.Any(suffix => host.EndsWith(suffix, StringComparison.OrdinalIgnoreCase));
    }

    private static bool Contains(IPAddress number)
    {
        var plain = number.IsIPv4MappedToIPv6 ? number.MapToIPv4() : number;
        return Ranges.Any(range => range.BaseAddress.AddressFamily == plain.AddressFamily && range.Contains(plain)) || (plain.AddressFamily == AddressFamily.InterNetworkV6 && plain.IsIPv6SiteLocal);
    }
}
