using System.Text.Json;

using static OpenIddict.Abstractions.OpenIddictConstants;

namespace MLEvents.Tests.Services.Identity;

/// <summary>Applications of the provider, and their tokens.</summary>
public static class ProviderClients
{
    /// <summary>The secret of the applications.</summary>
    public const string Secret = "a-client-secret-for-tests";

    /// <summary>Registers an application with client credentials, and gets a token for it.</summary>
    /// <param name="provider">The provider.</param>
    /// <param name="clientId">The application's id.</param>
    /// <param name="roles">The roles in the token.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <param name="scope">The requested scope.</param>
    public static async Task<string> GetTokenAsync(this OpenIdProvider provider, string clientId, IReadOnlyList<string> roles, CancellationToken cancellationToken, string scope = OpenIdProvider.Scope)
    {
        await provider.AddApplicationAsync(new()
        {
            ClientId = clientId,
            ClientSecret = Secret,
            Permissions = { Permissions.Endpoints.Token, Permissions.GrantTypes.ClientCredentials, Permissions.Prefixes.Scope + OpenIdProvider.Scope, Permissions.Scopes.Profile },
        }, cancellationToken);
        return await provider.GetNextTokenAsync(clientId, roles, cancellationToken, scope);
    }

    /// <summary>Gets another token for a registered application.</summary>
    public static async Task<string> GetNextTokenAsync(this OpenIdProvider provider, string clientId, IReadOnlyList<string> roles, CancellationToken cancellationToken, string scope = OpenIdProvider.Scope)
    {
        provider.User = provider.User with { Roles = roles };
        using var http = new HttpClient { BaseAddress = provider.Issuer };
        using var form = new FormUrlEncodedContent([new("grant_type", "client_credentials"), new("client_id", clientId), new("client_secret", Secret), new("scope", scope)]);
        using var response = await http.PostAsync(new Uri("connect/token", UriKind.Relative), form, cancellationToken);
        using var body = await JsonDocument.ParseAsync(await response.Content.ReadAsStreamAsync(cancellationToken), cancellationToken: cancellationToken);
        return body.RootElement.TryGetProperty("access_token", out var token) ? token.GetString() ?? "" : throw new InvalidOperationException($"The provider gave no token: {body.RootElement}");
    }
}
