using System.Security.Claims;

using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.OpenIdConnect;
using Microsoft.Extensions.Options;

using MLEvents.ServiceDefaults;

namespace MLEvents.Dashboard.Access;

/// <summary>What the dashboard does in a sign-in by OpenID Connect.</summary>
internal sealed partial class OpenIdEvents(
    AccessTokens tokens, IOptions<DashboardOptions> dashboard, TimeProvider time, [FromKeyedServices(OpenIdEvents.Failures)] RefusalLimiter limiter, ILogger<OpenIdEvents> logger)
{
    /// <summary>The key of the limiter of log lines about failed sign-ins, which anybody can cause.</summary>
    public const string Failures = "failed sign-ins";

    /// <summary>Asks the issuer to lead back to the public address, not to the one behind a proxy.</summary>
    public Task UsePublicAddressAsync(RedirectContext context)
    {
        if (dashboard.Value.PublicAddress is { } address)
        {
            context.ProtocolMessage.RedirectUri = $"{address.ToString().TrimEnd('/')}{context.Options.CallbackPath}";
        }

        return Task.CompletedTask;
    }

    /// <summary>Takes name and roles from the access token, which the services check in the same way, and keeps it until it expires.</summary>
    public async Task AcceptAsync(TokenValidatedContext context)
    {
        if (context.TokenEndpointResponse?.AccessToken is not { Length: > 0 } token)
        {
            context.Fail("The answer of the issuer has no access token.");
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
        var expiresAt = SignedInUser.Keep(properties, token, refreshToken);

        // Without a refresh token the sign-in ends with the token.
        properties.ExpiresUtc = refreshToken is null ? expiresAt : time.GetUtcNow() + dashboard.Value.SignInLifetime;
        LogSignedIn(user.Name, context.HttpContext.Connection.RemoteIpAddress?.ToString());
    }

    /// <summary>Leads back to the sign-in page, which says that it failed; the reason is in the log.</summary>
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

    [LoggerMessage(2, LogLevel.Warning, "A sign-in from {RemoteAddress} failed: {Reason}; {NotLogged} more failed since the last such line")]
    private partial void LogFailed(string? remoteAddress, string? reason, int notLogged);
}
