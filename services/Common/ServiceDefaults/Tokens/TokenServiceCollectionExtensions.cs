using Microsoft.Extensions.DependencyInjection;

namespace MLEvents.ServiceDefaults.Tokens;

/// <summary>Registers the validation of tokens.</summary>
internal static class TokenServiceCollectionExtensions
{
    private const int MaxDocumentBytes = 1024 * 1024;
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(5);

    public static void AddTokenValidation(this IServiceCollection services)
    {
        services.AddHttpClient(SigningKeyStore.Client, http =>
        {
            http.Timeout = Timeout;
            http.MaxResponseContentBufferSize = MaxDocumentBytes;
        }).ConfigurePrimaryHttpMessageHandler(() => new SocketsHttpHandler { AllowAutoRedirect = false, ConnectTimeout = Timeout }).RemoveAllLoggers();
        services.AddSingleton<SigningKeyStore>();
        services.AddSingleton(provider => new TokenValidator(provider.GetRequiredService<SigningKeyStore>(), provider.GetRequiredService<TimeProvider>()));
        services.AddHealthChecks().AddCheck<SigningKeysHealthCheck>("signing-keys");
    }
}
