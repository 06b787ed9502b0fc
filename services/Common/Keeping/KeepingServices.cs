using Dapr.Client;

using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace MLEvents.Keeping;

/// <summary>Registers what is kept.</summary>
public static class KeepingServices
{
    /// <summary>Adds <see cref="KeptMessages"/> of a kind, found by that kind as its key; settings from the <c>Keeping</c> section.</summary>
    /// <param name="services">Needs a <c>DaprClient</c> too.</param>
    /// <param name="name">The kind.</param>
    public static IServiceCollection AddKeptMessages(this IServiceCollection services, string name)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddOptionsWithValidateOnStart<KeepingOptions, KeepingOptionsValidator>().BindConfiguration(KeepingOptions.Section);
        return services.AddKeyedSingleton(name, (provider, _) => new KeptMessages(
            name, provider.GetRequiredService<DaprClient>(), provider.GetRequiredService<IOptions<KeepingOptions>>(), provider.GetRequiredService<TimeProvider>()));
    }
}
