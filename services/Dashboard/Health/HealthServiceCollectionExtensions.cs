namespace MLEvents.Dashboard.Health;

/// <summary>Registers the services that read the health of the other services.</summary>
internal static class HealthServiceCollectionExtensions
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(3);

    public static void AddHealthWatch(this IServiceCollection services)
    {
        services.AddHttpClient(HealthWatch.Client, http => http.Timeout = Timeout).ConfigurePrimaryHttpMessageHandler(() => new SocketsHttpHandler { AllowAutoRedirect = false });
        services.AddSingleton<BacklogReader>();
        services.AddSingleton<HealthWatch>();
        services.AddHostedService(provider => provider.GetRequiredService<HealthWatch>());
    }
}
