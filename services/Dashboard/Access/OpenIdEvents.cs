using System.Security.Claims;

using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.OpenIdConnect;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.JsonWebTokens;

using MLEvents.Events;
using MLEvents.ServiceDefaults;
using MLEvents.ServiceDefaults.Tokens;

namespace MLEvents.Dashboard.Access;

/// <summary>What the dashboard does in a sign-in by OpenID Connect.</summary>
internal sealed partial class OpenIdEvents(TokenValidator tokens, IOptions<OperationsOptions> operations, IOptions<DashboardOptions> dashboard, ILogger<OpenIdEvents> logger)
{
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
        var settings = operations.Value.OpenIdConnect;
        if (TokenIssuer.From(settings) is not { } issuer || context.TokenEndpointResponse?.AccessToken is not { Length: > 0 } token)
        {
            context.Fail("The issuer gave no access token.");
            return;
        }

        var result = await tokens.ValidateAsync(token, issuer, settings.Audiences, settings.ClockSkew, context.HttpContext.RequestAborted);
        if (result.Identity is not { } claims)
        {
            context.Fail($"The services would not accept the access token: {result.Reason} Check Operations:OpenIdConnect:Scope and Audiences.");
            return;
        }

        var user = OperatorIdentity.From(claims, settings.RoleClaim);
        if (!user.HasClaim(claim => claim.Type == ClaimTypes.Role))
        {
            context.Fail($"{user.Name} has none of the roles {string.Join(", ", OperatorRoles.All)}.");
            return;
        }

        context.Principal = new ClaimsPrincipal(user);
        Keep(token, context.Properties ?? (context.Properties = new AuthenticationProperties()));
        LogSignedIn(user.Name, context.HttpContext.Connection.RemoteIpAddress?.ToString());
    }

    /// <summary>Leads back to the sign-in page, which says that it failed; the reason is in the log.</summary>
    public Task ReportAsync(RemoteFailureContext context)
    {
        LogFailed(context.HttpContext.Connection.RemoteIpAddress?.ToString(), context.Failure?.Message);
        context.HandleResponse();
        context.Response.Redirect($"{SignIn.Path}?openid=failed");
        return Task.CompletedTask;
    }

    private static void Keep(string token, AuthenticationProperties properties)
    {
        properties.StoreTokens([new AuthenticationToken { Name = SignedInUser.AccessToken, Value = token }]);
        properties.ExpiresUtc = new DateTimeOffset(new JsonWebToken(token).ValidTo, TimeSpan.Zero);
        properties.AllowRefresh = false;
    }

    [LoggerMessage(1, LogLevel.Information, "{User} signed in from {RemoteAddress}")]
    private partial void LogSignedIn(string? user, string? remoteAddress);

    [LoggerMessage(2, LogLevel.Warning, "A sign-in from {RemoteAddress} failed: {Reason}")]
    private partial void LogFailed(string? remoteAddress, string? reason);
}
