using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;

namespace MLEvents.ServiceDefaults;

/// <summary>The token that authenticates the sidecar at its service: <c>APP_API_TOKEN</c>. Dapr sends it in the header <c>dapr-api-token</c>.</summary>
/// <seealso href="https://docs.dapr.io/operations/security/app-api-token/"/>
internal static class SidecarToken
{
    private const string Header = SidecarTokenHandler.Header;
    private const string Setting = "APP_API_TOKEN";

    /// <summary>Whether the service requires a token.</summary>
    public static bool IsSet(IConfiguration configuration) => configuration[Setting] is { Length: > 0 };

    /// <summary>Whether a request carries the token, compared in constant time; null when no token is set.</summary>
    public static bool? IsValid(HttpRequest request, IConfiguration configuration) =>
        configuration[Setting] is { Length: > 0 } token
            ? FixedTime.AreEqual(token, request.Headers[Header].ToString())
            : null;
}
