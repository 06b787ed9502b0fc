using Dapr.Client;

using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace MLEvents.Ingress.DeadLetters;

/// <summary>Registers the stores of quarantined messages and dead letters.</summary>
internal static class DeadLetterServiceCollectionExtensions
{
    /// <summary>Adds the <see cref="DeadLetterStore"/> of a kind, with the kind as its service key; settings from the <c>DeadLetters</c> section.</summary>
    /// <param name="services">The services; a <c>DaprClient</c> must be registered too.</param>
    /// <param name="name">The kind.</param>
    public static IServiceCollection AddDeadLetterStore(this IServiceCollection services, string name)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddOptionsWithValidateOnStart<DeadLetterOptions, DeadLetterOptionsValidator>().BindConfiguration(DeadLetterOptions.Section);
        return services.AddKeyedSingleton(name, (provider, _) => new DeadLetterStore(
            name, provider.GetRequiredService<DaprClient>(), provider.GetRequiredService<IOptions<DeadLetterOptions>>(), provider.GetRequiredService<TimeProvider>()));
    }
}
