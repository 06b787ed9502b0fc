using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Claims;

using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Authentication.OpenIdConnect;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;

using MLEvents.Events;

namespace MLEvents.Dashboard.Access;

/// <summary>
/// Renews the access token of a user before it expires, if the issuer sent a refresh token. A sign-in can then last longer than the lifetime of one token.
/// After a renewal, the user has the name and the roles of the new token.
/// </summary>
internal sealed partial class TokenRenewal(IOptionsMonitor<OpenIdConnectOptions> openId, AccessTokens tokens, TimeProvider time, ILogger<TokenRenewal> logger)
{
    // Longer than the usual time between two requests of a user, and much shorter than the lifetime of a token.
    private static readonly TimeSpan BeforeExpiry = TimeSpan.FromMinutes(5);

    // A browser sends several requests at the same time with the same refresh token. Some issuers accept a refresh token only once, so these requests share one renewal.
    private readonly ConcurrentDictionary<string, Lazy<Task<RenewedTokens?>>> _inFlight = new();

    /// <summary>Renews the access token of a cookie shortly before it expires. Rejects the cookie if the token has expired and cannot be renewed.</summary>
    public async Task ValidateAsync(CookieValidatePrincipalContext context)
    {
        if (context.Properties.GetTokenValue(SignedInUser.RefreshToken) is not { } refreshToken || time.GetUtcNow() < ExpiryOf(context.Properties) - BeforeExpiry)
        {
            return;
        }

        var renewed = await _inFlight.GetOrAdd(refreshToken, key => new(() => RenewAsync(key))).Value;
        if (renewed is not null)
        {
            context.ReplacePrincipal(new ClaimsPrincipal(renewed.User));
            SignedInUser.StoreTokens(context.Properties, renewed.AccessToken, renewed.RefreshToken ?? refreshToken);
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
        catch (InvalidDataException exception)
        {
            LogRefused(exception.Message);
            return null;
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

    // The renewal is not cancelled with the request that started it, because other requests may wait for it. The HTTP client limits its time.
    private async Task<OpenIdConnectMessage> RedeemAsync(string refreshToken)
    {
        await Task.Yield();
        var options = openId.Get(OpenIdSignIn.Scheme);
        var configuration = await (options.ConfigurationManager ?? throw new InvalidOperationException("The metadata address of the issuer is not configured.")).GetConfigurationAsync(CancellationToken.None);
        var form = new Dictionary<string, string> { ["grant_type"] = "refresh_token", ["refresh_token"] = refreshToken, ["client_id"] = options.ClientId ?? "" };
        if (options.ClientSecret is { Length: > 0 } secret)
        {
            form["client_secret"] = secret;
        }

        using var content = new FormUrlEncodedContent(form);
        using var response = await options.Backchannel.PostAsync(TokenEndpointOf(configuration), content, CancellationToken.None);
        return new OpenIdConnectMessage(await response.Content.ReadAsStringAsync(CancellationToken.None));
    }

    // The refresh token and the secret of the client must not be sent to an unencrypted address, even if the metadata contains one.
    private static Uri TokenEndpointOf(OpenIdConnectConfiguration configuration) =>
        Uri.TryCreate(configuration.TokenEndpoint, UriKind.Absolute, out var endpoint) && SecureAddress.IsSecure(endpoint)
            ? endpoint
            : throw new InvalidDataException("The issuer's metadata contains no valid token_endpoint. It must be an https address, or http on this machine. Check the issuer and the MetadataAddress of Operations:OpenIdConnect.");

    [LoggerMessage(1, LogLevel.Warning, "The sign-in of a user could not be renewed: {Reason}")]
    private partial void LogRefused(string reason);

    [LoggerMessage(2, LogLevel.Warning, "The issuer of Operations:OpenIdConnect does not answer, so a sign-in could not be renewed: {Reason}")]
    private partial void LogUnreachable(string reason);

    private sealed record RenewedTokens(ClaimsIdentity User, string AccessToken, string? RefreshToken);
}
