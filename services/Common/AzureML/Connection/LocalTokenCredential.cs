using Azure.Core;

namespace MLEvents.AzureML;

/// <summary>A fixed token that a simulator on this machine takes and Azure refuses. Its use is guarded by <see cref="AzureMLOptionsGuard"/>.</summary>
internal sealed class LocalTokenCredential : TokenCredential
{
    public const string Token = "local-development-token";

    private static readonly AccessToken Never = new(Token, DateTimeOffset.MaxValue);

    public override AccessToken GetToken(TokenRequestContext requestContext, CancellationToken cancellationToken) => Never;

    public override ValueTask<AccessToken> GetTokenAsync(TokenRequestContext requestContext, CancellationToken cancellationToken) => new(Never);
}
