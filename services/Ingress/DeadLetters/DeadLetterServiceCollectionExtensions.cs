using Dapr.Client;

using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace MLEvents.Ingress.DeadLetters;

/// <summary>Registers what is kept.</summary>
internal static class DeadLetterServiceCollectionExtensions
{
    /// <summary>Adds <see cref="DeadLetterStore"/> of a kind, found by that kind as its key; settings from the <c>Keeping</c> section.</summary>
    /// <param name="services">Needs a <c>DaprClient</c> too.</param>
    /// <param name="name">The kind.</param>
    public static IServiceCollection AddDeadLetterStore(this IServiceCollection services, string name)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddOptionsWithValidateOnStart<DeadLetterOptions, DeadLetterOptionsValidator>().BindConfiguration(DeadLetterOptions.Section);
        return services.AddKeyedSingleton(name, (provider, _) => new DeadLetterStore(
            name, provider.GetRequiredService<DaprClient>(), provider.GetRequiredService<IOptions<DeadLetterOptions>>(), provider.GetRequiredService<TimeProvider>()));
    }
}
