using System.Diagnostics.CodeAnalysis;

namespace MLEvents.Events;

/// <summary>Addresses to which secrets may be sent, and whose answers can be trusted.</summary>
public static class SecureAddress
{
    /// <summary>Whether an address is absolute and is https, or http on this machine.</summary>
    /// <param name="address">The address; null is not secure.</param>
    public static bool IsSecure([NotNullWhen(true)] Uri? address) =>
        address is { IsAbsoluteUri: true } && (address.Scheme == Uri.UriSchemeHttps || (address.Scheme == Uri.UriSchemeHttp && address.IsLoopback));
}
