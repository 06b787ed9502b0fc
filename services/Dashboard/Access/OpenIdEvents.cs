using System.Security.Claims;

using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.OpenIdConnect;
using Microsoft.Extensions.Options;

using MLEvents.ServiceDefaults;

namespace MLEvents.Dashboard.Access;

/// <summary>Handles the events of a sign-in with OpenID Connect.</summary>
internal sealed partial class OpenIdEvents(
    AccessTokens tokens, IOptions<DashboardOptions> dashboard, TimeProvider time, [FromKeyedServices(OpenIdEvents.Failures)] RefusalLimiter limiter, ILogger<OpenIdEvents> logger)
{
    /// <summary>The key of the rate limiter for log lines about failed sign-ins. Anyone can cause such lines.</summary>
    public const string Failures = "failed sign-ins";

    /// <summary>If <see cref="DashboardOptions.PublicAddress"/> is set, uses it in the redirect URI. Behind a proxy, the address of the request is not the address that browsers use.</summary>
    public Task UsePublicAddressAsync(RedirectContext context)
    {
        if (dashboard.Value.PublicAddress is { } address)
        {
            context.ProtocolMessage.RedirectUri = $"{address.ToString().TrimEnd('/')}{context.Options.CallbackPath}";
        }

        return Task.CompletedTask;
    }

    /// <summary>Reads the name and the roles from the access token, and stores the tokens in the cookie.</summary>
    public async Task AcceptAsync(TokenValidatedContext context)
    {
        if (context.TokenEndpointResponse?.AccessToken is not { Length: > 0 } token)
        {
            context.Fail("The issuer's answer contains no access token.");
            return;
        }

        var (user, reason) = await tokens.ReadAsync(token, context.HttpContext.RequestAborted);
        if (user is null)
        {
            context.Fail(reason);
            return;
        }

        context.Principal = new ClaimsPrincipal(user);
        var properties = context.Properties ?? (context.Properties = new AuthenticationProperties());
        properties.AllowRefresh = false;
        var refreshToken = context.TokenEndpointResponse.RefreshToken;
        var expiresAt = SignedInUser.StoreTokens(properties, token, refreshToken);

        // Without a refresh token, the sign-in ends when the access token expires.
        properties.ExpiresUtc = refreshToken is null ? expiresAt : time.GetUtcNow() + dashboard.Value.SignInLifetime;
        LogSignedIn(user.Name, context.HttpContext.Connection.RemoteIpAddress?.ToString());
    }

    /// <summary>Logs the reason of a failed sign-in, and redirects to the sign-in page, which reports the failure.</summary>
    public Task ReportAsync(RemoteFailureContext context)
    {
        if (limiter.TryEnter(out var notLogged))
        {
            LogFailed(context.HttpContext.Connection.RemoteIpAddress?.ToString(), context.Failure?.Message, notLogged);
        }

        context.HandleResponse();
        context.Response.Redirect($"{SignIn.Path}?openid=failed");
        return Task.CompletedTask;
    }

    [LoggerMessage(1, LogLevel.Information, "{User} signed in from {RemoteAddress}")]
    private partial void LogSignedIn(string? user, string? remoteAddress);

    [LoggerMessage(2, LogLevel.Warning, "A sign-in from {RemoteAddress} failed: {Reason}; {NotLogged} earlier failures were not logged")]
    private partial void LogFailed(string? remoteAddress, string? reason, int notLogged);
}
