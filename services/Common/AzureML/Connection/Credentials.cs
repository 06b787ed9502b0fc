using Azure.Core;
using Azure.Identity;

namespace MLEvents.AzureML.Connection;

/// <summary>Makes the credential that the settings ask for.</summary>
internal static class Credentials
{
    public static TokenCredential For(AzureMLOptions options) => options.Credential switch
    {
        AzureCredential.Local => new LocalTokenCredential(),
        AzureCredential.ManagedIdentity => new ManagedIdentityCredential(ManagedIdentity(options)),
        AzureCredential.WorkloadIdentity => new WorkloadIdentityCredential(WorkloadIdentity(options)),
        _ => new DefaultAzureCredential(Default(options)),
    };

    private static ManagedIdentityCredentialOptions ManagedIdentity(AzureMLOptions options) => Once(
        options,
        new ManagedIdentityCredentialOptions(
            string.IsNullOrEmpty(options.ClientId) ? ManagedIdentityId.SystemAssigned : ManagedIdentityId.FromUserAssignedClientId(options.ClientId)));

    private static WorkloadIdentityCredentialOptions WorkloadIdentity(AzureMLOptions options)
    {
        var settings = Once(options, new WorkloadIdentityCredentialOptions());
        settings.ClientId = options.ClientId ?? settings.ClientId;
        return settings;
    }

    // A service has no person beside it: what asks one, or belongs to an editor, only makes a failure slower and its message longer.
    private static DefaultAzureCredentialOptions Default(AzureMLOptions options) => Once(
        options,
        new DefaultAzureCredentialOptions
        {
            ManagedIdentityClientId = options.ClientId,
            WorkloadIdentityClientId = options.ClientId,
            ExcludeVisualStudioCredential = true,
            ExcludeVisualStudioCodeCredential = true,
            ExcludeAzurePowerShellCredential = true,
            ExcludeInteractiveBrowserCredential = true,
            ExcludeBrokerCredential = true,
        });

    // Tokens are fetched inside a call, so the call's own resilience repeats that too; two owners would multiply.
    private static T Once<T>(AzureMLOptions options, T settings)
        where T : TokenCredentialOptions
    {
        settings.AuthorityHost = CloudAddresses.For(options.Cloud).Authority;
        settings.Retry.MaxRetries = 0;
        return settings;
    }
}

/// <summary>A fixed token that a simulator on this machine takes and Azure refuses. Its use is guarded by <see cref="AzureMLOptionsGuard"/>.</summary>
internal sealed class LocalTokenCredential : TokenCredential
{
    public const string Token = "local-development-token";

    private static readonly AccessToken Never = new(Token, DateTimeOffset.MaxValue);

    public override AccessToken GetToken(TokenRequestContext requestContext, CancellationToken cancellationToken) => Never;

    public override ValueTask<AccessToken> GetTokenAsync(TokenRequestContext requestContext, CancellationToken cancellationToken) => new(Never);
}
