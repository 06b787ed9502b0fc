namespace MLEvents.Cli.Login;

/// <summary>The token of the login, renewed when it expires.</summary>
internal sealed class LoginTokens(TimeProvider time)
{
    private static readonly TimeSpan Margin = TimeSpan.FromMinutes(1);

    /// <summary>Finds the token; null without a login.</summary>
    /// <exception cref="CommandFault">The login cannot be read, or has expired and cannot be renewed.</exception>
    public async Task<string?> FindAsync(CancellationToken cancellationToken)
    {
        if (await LoginCache.ReadAsync(cancellationToken) is not { } login)
        {
            return null;
        }

        if (login.ExpiresAt - Margin > time.GetUtcNow())
        {
            return login.AccessToken;
        }

        var renewed = login.Source == CachedLogin.AzureSource ? await AzureLogin.RunAsync(login.Scope, cancellationToken) : await RenewAsync(login, cancellationToken);
        await LoginCache.WriteAsync(renewed, cancellationToken);
        return renewed.AccessToken;
    }

    private async Task<CachedLogin> RenewAsync(CachedLogin login, CancellationToken cancellationToken)
    {
        if (login is not { RefreshToken: { } refresh, TokenEndpoint: { } endpoint, ClientId: { } clientId })
        {
            throw new CommandFault(ExitCodes.Refused, "The login has expired. Run mlevents login again.");
        }

        using var client = new TokenClient();
        var form = new Dictionary<string, string> { ["grant_type"] = "refresh_token", ["client_id"] = clientId, ["refresh_token"] = refresh, ["scope"] = login.Scope };
        var (status, answer) = await client.PostAsync(endpoint, form, cancellationToken);
        var renewed = TokenClient.ReadLogin(answer, endpoint, clientId, login.Scope, time.GetUtcNow())
            ?? throw NotRenewed(status, OperatorJson.Text(answer, "error"));
        return renewed.RefreshToken is null ? renewed with { RefreshToken = refresh } : renewed;
    }

    // After a temporary status, the refresh token may still be valid.
    private static CommandFault NotRenewed(int status, string error) => TokenClient.IsTemporary(status)
        ? new(ExitCodes.Unreachable, $"The access token has expired, and the issuer answered the request for a new token with {status} ({error}). Repeat the command later.")
        : new(ExitCodes.Refused, $"The login has expired ({error}). Run mlevents login again.");
}
