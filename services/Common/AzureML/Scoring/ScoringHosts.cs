using System.IO.Enumeration;

using Microsoft.Extensions.Options;

using MLEvents.AzureML.Errors;

namespace MLEvents.AzureML.Scoring;

/// <summary>The hosts that may receive an endpoint's key or a token. An endpoint's address comes from an answer of Azure and is not trusted.</summary>
internal sealed class ScoringHosts(IOptions<AzureMLOptions> options)
{
    /// <summary>Checks a scoring address.</summary>
    /// <param name="address">The address.</param>
    /// <param name="operation">The operation that would send a key or token to the address.</param>
    /// <exception cref="AzureException">The host is not allowed; code <see cref="AzureException.NotAllowedCode"/>.</exception>
    public Uri Check(Uri address, string operation)
    {
        var settings = options.Value;
        if (address.UserInfo.Length == 0 && (IsLocal(address, settings.Endpoint) || (address.Scheme == Uri.UriSchemeHttps && IsKnown(address.IdnHost, settings))))
        {
            return address;
        }

        throw new AzureException(
            $"{operation}: requests to {address.GetComponents(UriComponents.SchemeAndServer, UriFormat.UriEscaped)} are not allowed; "
            + $"expected an https host that ends with {CloudAddresses.For(settings.Cloud).ScoringSuffix}, or add the host to {AzureMLOptions.Section}:{nameof(AzureMLOptions.ScoringHosts)}.")
        {
            Operation = operation,
            Code = AzureException.NotAllowedCode,
        };
    }

    // The simulator scores on its own address. AzureMLOptionsGuard allows plain http in Development on loopback only.
    private static bool IsLocal(Uri address, Uri endpoint) =>
        endpoint.IsLoopback && address.IsLoopback && address.Port == endpoint.Port && address.Scheme == endpoint.Scheme;

    private static bool IsKnown(string host, AzureMLOptions settings) =>
        host.EndsWith(CloudAddresses.For(settings.Cloud).ScoringSuffix, StringComparison.OrdinalIgnoreCase)
        || settings.ScoringHosts.Any(pattern => !string.IsNullOrWhiteSpace(pattern) && FileSystemName.MatchesSimpleExpression(pattern, host, ignoreCase: true));
}
