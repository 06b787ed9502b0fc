using Azure.Core;
using Azure.Identity;

namespace MLEvents.AzureML.Connection;

/// <summary>Creates the credential of the settings.</summary>
internal static class Credentials
{
    public static TokenCredential For(AzureMLOptions options) => options.Credential switch
    {
        AzureCredential.Local => new LocalTokenCredential(),
        AzureCredential.ManagedIdentity => new ManagedIdentityCredential(ManagedIdentity(options)),
        AzureCredential.WorkloadIdentity => new WorkloadIdentityCredential(WorkloadIdentity(options)),
        _ => new DefaultAzureCredential(Default(options)),
    };

    // A service has no user who could sign in. Interactive credentials, and those of editors and PowerShell, would only delay a failure and lengthen its message.
    internal static DefaultAzureCredentialOptions Default(AzureMLOptions options)
    {
        var settings = WithSharedSettings(
            options,
            new DefaultAzureCredentialOptions
            {
                ManagedIdentityClientId = options.ClientId,
                ExcludeVisualStudioCredential = true,
                ExcludeVisualStudioCodeCredential = true,
                ExcludeAzurePowerShellCredential = true,
                ExcludeInteractiveBrowserCredential = true,
                ExcludeBrokerCredential = true,
            });
        if (!string.IsNullOrEmpty(options.ClientId))
        {
            // If the settings contain no client id, the workload identity uses the one in AZURE_CLIENT_ID.
            settings.WorkloadIdentityClientId = options.ClientId;
        }

        return settings;
    }

    private static ManagedIdentityCredentialOptions ManagedIdentity(AzureMLOptions options) => WithSharedSettings(
        options,
        new ManagedIdentityCredentialOptions(
            string.IsNullOrEmpty(options.ClientId) ? ManagedIdentityId.SystemAssigned : ManagedIdentityId.FromUserAssignedClientId(options.ClientId)));

    private static WorkloadIdentityCredentialOptions WorkloadIdentity(AzureMLOptions options)
    {
        var settings = WithSharedSettings(options, new WorkloadIdentityCredentialOptions());
        if (!string.IsNullOrEmpty(options.ClientId))
        {
            settings.ClientId = options.ClientId;
        }

        return settings;
    }

    // A token is requested within a call, and the retries of the call repeat the request. Retries here would multiply the attempts.
    private static T WithSharedSettings<T>(AzureMLOptions options, T settings)
        where T : TokenCredentialOptions
    {
        settings.AuthorityHost = CloudAddresses.For(options.Cloud).Authority;
        settings.Retry.MaxRetries = 0;
        return settings;
    }
}

/// <summary>A fixed token that a simulator on this machine accepts and Azure refuses. <see cref="AzureMLOptionsGuard"/> limits its use.</summary>
internal sealed class LocalTokenCredential : TokenCredential
{
    public const string Token = "local-development-token";

    private static readonly AccessToken Never = new(Token, DateTimeOffset.MaxValue);

    public override AccessToken GetToken(TokenRequestContext requestContext, CancellationToken cancellationToken) => Never;

    public override ValueTask<AccessToken> GetTokenAsync(TokenRequestContext requestContext, CancellationToken cancellationToken) => new(Never);
}
