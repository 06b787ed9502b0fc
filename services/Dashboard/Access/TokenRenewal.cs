using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Claims;

using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Authentication.OpenIdConnect;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;

namespace MLEvents.Dashboard.Access;

/// <summary>Renews the access token of a user before it expires, if the issuer gave a refresh token, so that a sign-in lasts longer than a token. Name and roles follow the new token.</summary>
internal sealed partial class TokenRenewal(IOptionsMonitor<OpenIdConnectOptions> openId, AccessTokens tokens, TimeProvider time, ILogger<TokenRenewal> logger)
{
    // Longer than a page is used between two requests, and much shorter than a token lasts.
    private static readonly TimeSpan BeforeExpiry = TimeSpan.FromMinutes(5);

    // The requests of one page come together and hold the same refresh token, which some issuers accept once.
    private readonly ConcurrentDictionary<string, Task<RenewedTokens?>> _inFlight = new();

    /// <summary>Renews the token of a cookie if it is time. Rejects the cookie if its token has expired and cannot be renewed.</summary>
    public async Task ValidateAsync(CookieValidatePrincipalContext context)
    {
        if (context.Properties.GetTokenValue(SignedInUser.RefreshToken) is not { } refreshToken || time.GetUtcNow() < ExpiryOf(context.Properties) - BeforeExpiry)
        {
            return;
        }

        var renewed = await _inFlight.GetOrAdd(refreshToken, RenewAsync);
        if (renewed is not null)
        {
            context.ReplacePrincipal(new ClaimsPrincipal(renewed.User));
            SignedInUser.Keep(context.Properties, renewed.AccessToken, renewed.RefreshToken ?? refreshToken);
            context.ShouldRenew = true;
        }
        else if (time.GetUtcNow() >= ExpiryOf(context.Properties))
        {
            context.RejectPrincipal();
            await context.HttpContext.SignOutAsync(CookieAuthenticationDefaults.AuthenticationScheme);
        }
    }

    private static DateTimeOffset ExpiryOf(AuthenticationProperties properties) =>
        DateTimeOffset.TryParse(properties.GetTokenValue(SignedInUser.ExpiresAt), CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind, out var at) ? at : DateTimeOffset.MinValue;

    private async Task<RenewedTokens?> RenewAsync(string refreshToken)
    {
        try
        {
            var answer = await RedeemAsync(refreshToken);
            if (answer.AccessToken is not { Length: > 0 } token)
            {
                LogRefused(answer.Error ?? "no reason given");
                return null;
            }

            var (user, reason) = await tokens.ReadAsync(token, CancellationToken.None);
            if (user is null)
            {
                LogRefused(reason);
                return null;
            }

            return new(user, token, answer.RefreshToken);
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException or InvalidOperationException or ArgumentException or OperationCanceledException)
        {
            LogUnreachable(exception.Message);
            return null;
        }
        finally
        {
            _inFlight.TryRemove(refreshToken, out _);
        }
    }

    // Not cancelled with the request that began it: others may wait for it. The client has a time limit.
    private async Task<OpenIdConnectMessage> RedeemAsync(string refreshToken)
    {
        await Task.Yield();
        var options = openId.Get(OpenIdSignIn.Scheme);
        var configuration = await (options.ConfigurationManager ?? throw new InvalidOperationException("The metadata of the issuer are not configured.")).GetConfigurationAsync(CancellationToken.None);
        var form = new Dictionary<string, string> { ["grant_type"] = "refresh_token", ["refresh_token"] = refreshToken, ["client_id"] = options.ClientId ?? "" };
        if (options.ClientSecret is { Length: > 0 } secret)
        {
            form["client_secret"] = secret;
        }

        using var content = new FormUrlEncodedContent(form);
        using var response = await options.Backchannel.PostAsync(new Uri(configuration.TokenEndpoint), content, CancellationToken.None);
        return new OpenIdConnectMessage(await response.Content.ReadAsStringAsync(CancellationToken.None));
    }

    [LoggerMessage(1, LogLevel.Warning, "The sign-in of a user could not be renewed: {Reason}")]
    private partial void LogRefused(string reason);

    [LoggerMessage(2, LogLevel.Warning, "The issuer of Operations:OpenIdConnect does not answer, so a sign-in could not be renewed: {Reason}")]
    private partial void LogUnreachable(string reason);

    private sealed record RenewedTokens(ClaimsIdentity User, string AccessToken, string? RefreshToken);
}
