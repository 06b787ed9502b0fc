using System.Globalization;

using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.IdentityModel.JsonWebTokens;

using MLEvents.ServiceDefaults;

namespace MLEvents.Dashboard.Access;

/// <summary>Stores the tokens of a user in the user's cookie, and checks whether the cookie is still valid.</summary>
internal sealed class SignedInUser(StaticToken staticToken)
{
    /// <summary>The name under which the access token is stored. The dashboard calls the services for the user with this token.</summary>
    public const string AccessToken = "access_token";

    /// <summary>The name under which the refresh token is stored. Not every issuer sends a refresh token.</summary>
    public const string RefreshToken = "refresh_token";

    /// <summary>The name under which the expiry time of the access token is stored.</summary>
    public const string ExpiresAt = "expires_at";

    /// <summary>Stores tokens in the cookie.</summary>
    /// <returns>The time at which the access token expires.</returns>
    public static DateTimeOffset StoreTokens(AuthenticationProperties properties, string accessToken, string? refreshToken)
    {
        var expiresAt = new DateTimeOffset(new JsonWebToken(accessToken).ValidTo, TimeSpan.Zero);
        var tokens = new List<AuthenticationToken>
        {
            new() { Name = AccessToken, Value = accessToken },
            new() { Name = ExpiresAt, Value = expiresAt.ToString("O", CultureInfo.InvariantCulture) },
        };
        if (refreshToken is not null)
        {
            tokens.Add(new() { Name = RefreshToken, Value = refreshToken });
        }

        properties.StoreTokens(tokens);
        return expiresAt;
    }

    /// <summary>Ends sign-ins with the static token when the token is turned off, and renews sign-ins with OpenID Connect.</summary>
    public async Task ValidateAsync(CookieValidatePrincipalContext context)
    {
        if (staticToken.Value is null && context.Properties.GetTokenValue(AccessToken) is null)
        {
            context.RejectPrincipal();
            await context.HttpContext.SignOutAsync(CookieAuthenticationDefaults.AuthenticationScheme);
        }
        else if (context.HttpContext.RequestServices.GetService<TokenRenewal>() is { } renewal)
        {
            await renewal.ValidateAsync(context);
        }
    }

    /// <summary>Returns the token for calls to the services: the user's access token, otherwise the static token. Null if there is none.</summary>
    public async Task<string?> FindTokenAsync(HttpContext? context) =>
        (context is null ? null : await context.GetTokenAsync(CookieAuthenticationDefaults.AuthenticationScheme, AccessToken)) ?? staticToken.Value;
}
