using Dapr.Client;

using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace MLEvents.Ingress.DeadLetters;

/// <summary>Registers the stores of quarantined messages and dead letters.</summary>
internal static class DeadLetterServiceCollectionExtensions
{
    /// <summary>Adds a <see cref="DeadLetterStore"/> under a service key; settings from the <c>DeadLetters</c> section.</summary>
    /// <param name="services">The services; a <c>DaprClient</c> must be registered too.</param>
    /// <param name="name">The kind of the messages: quarantine or dead letters. It is also the service key.</param>
    public static IServiceCollection AddDeadLetterStore(this IServiceCollection services, string name)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddOptionsWithValidateOnStart<DeadLetterOptions, DeadLetterOptionsValidator>().BindConfiguration(DeadLetterOptions.Section);
        return services.AddKeyedSingleton(name, (provider, _) => new DeadLetterStore(
            name, provider.GetRequiredService<DaprClient>(), provider.GetRequiredService<IOptions<DeadLetterOptions>>(), provider.GetRequiredService<TimeProvider>()));
    }
}
