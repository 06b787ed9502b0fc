using System.Diagnostics.CodeAnalysis;

using MLEvents.Dashboard.Models;

namespace MLEvents.Dashboard.Site;

/// <summary>Registers the pages.</summary>
internal static class SiteServiceCollectionExtensions
{
    [UnconditionalSuppressMessage(
        "Trimming", "IL2026", Justification = "The linker keeps everything of this assembly, which contains the pages (Dashboard.csproj). The pages need only static rendering, which serializes no values.")]
    public static void AddSite(this IServiceCollection services)
    {
        // The HTTP clients would log each request to a health check or an operator API.
        services.AddLogging(logging => logging.AddFilter("System.Net.Http.HttpClient", LogLevel.Warning));
        services.AddRazorComponents();
        services.WithoutStateOfComponents();
        services.AddCascadingAuthenticationState();
        services.AddSingleton<LiveUpdates>();
        services.AddSingleton<RequestPipeline>();
        services.AddSingleton<IStartupFilter>(provider => provider.GetRequiredService<RequestPipeline>());
        services.AddSingleton<WarmUp>();
        services.AddHostedService(provider => provider.GetRequiredService<WarmUp>());
        services.AddHealthChecks().AddCheck<WarmUpHealthCheck>("pages");
        services.AddSingleton<ModelEffects>();
        services.AddSingleton<ModelRollouts>();
        services.AddSingleton<LiveDeploymentCache>();
        services.AddTransient<LiveDeployments>();
    }

    // Interactive components send their state to the browser. The pages have no such components. With these services, each page would still prepare the state
    // and hash its keys with OpenSSL, which takes 5 MiB.
    private static void WithoutStateOfComponents(this IServiceCollection services)
    {
        foreach (var state in services.Where(service => service.ServiceType.Name == "IPersistentServiceRegistration").ToList())
        {
            services.Remove(state);
        }
    }
}
