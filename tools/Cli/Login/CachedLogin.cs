namespace MLEvents.Cli.Login;

/// <summary>A stored login.</summary>
/// <param name="Source">The source of the token: <see cref="DeviceSource"/> or <see cref="AzureSource"/>.</param>
/// <param name="Scope">The requested scopes.</param>
/// <param name="AccessToken">The token for the services.</param>
/// <param name="ExpiresAt">When the access token expires.</param>
internal sealed record CachedLogin(string Source, string Scope, string AccessToken, DateTimeOffset ExpiresAt)
{
    public const string DeviceSource = "device";
    public const string AzureSource = "az";

    /// <summary>The issuer's token endpoint; null for the Azure CLI.</summary>
    public Uri? TokenEndpoint { get; init; }

    /// <summary>The application's id; null for the Azure CLI.</summary>
    public string? ClientId { get; init; }

    /// <summary>The refresh token, with which the next access token is requested; null if the issuer returned none.</summary>
    public string? RefreshToken { get; init; }
}
