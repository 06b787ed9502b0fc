using System.Security.Cryptography;
using System.Text;

using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;

namespace MLEvents.ServiceDefaults;

/// <summary>The token by which a service knows its sidecar: <c>APP_API_TOKEN</c>, sent by Dapr in the header <c>dapr-api-token</c>.</summary>
/// <seealso href="https://docs.dapr.io/operations/security/app-api-token/"/>
public static class SidecarToken
{
    private const string Header = "dapr-api-token";

    /// <summary>Whether a request carries the token, compared in constant time; null when no token is set.</summary>
    public static bool? IsValid(HttpRequest request, IConfiguration configuration) =>
        configuration["APP_API_TOKEN"] is { Length: > 0 } token
            ? CryptographicOperations.FixedTimeEquals(Hash(token), Hash(request.Headers[Header].ToString()))
            : null;

    private static byte[] Hash(string text) => SHA256.HashData(Encoding.UTF8.GetBytes(text));
}

/// <summary>Refuses deliveries that don't come from the sidecar, when a token is set.</summary>
internal sealed class SidecarTokenFilter(IConfiguration configuration) : IEndpointFilter
{
    public ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next) =>
        SidecarToken.IsValid(context.HttpContext.Request, configuration) is false
            ? ValueTask.FromResult<object?>(TypedResults.Problem(statusCode: StatusCodes.Status401Unauthorized, title: "Only the Dapr sidecar may deliver messages."))
            : next(context);
}
