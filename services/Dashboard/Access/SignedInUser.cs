using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;

using MLEvents.ServiceDefaults;

namespace MLEvents.Dashboard.Access;

/// <summary>What the cookie of a user holds besides the identity, and how long it is valid.</summary>
internal sealed class SignedInUser(StaticToken staticToken)
{
    /// <summary>The name of the access token, with which the dashboard calls the services for the user.</summary>
    public const string AccessToken = "access_token";

    /// <summary>Ends sign-ins by the static token as soon as it is switched off.</summary>
    public async Task ValidateAsync(CookieValidatePrincipalContext context)
    {
        if (staticToken.Value is null && context.Properties.GetTokenValue(AccessToken) is null)
        {
            context.RejectPrincipal();
            await context.HttpContext.SignOutAsync(CookieAuthenticationDefaults.AuthenticationScheme);
        }
    }

    /// <summary>The token for calls to the services: that of the user, else the static token. Null if there is none.</summary>
    public async Task<string?> FindTokenAsync(HttpContext? context) =>
        (context is null ? null : await context.GetTokenAsync(CookieAuthenticationDefaults.AuthenticationScheme, AccessToken)) ?? staticToken.Value;
}
