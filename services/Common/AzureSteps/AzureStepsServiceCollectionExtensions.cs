using Microsoft.Extensions.DependencyInjection;

using MLEvents.Ledger.Chains;

namespace MLEvents.AzureSteps;

/// <summary>Registers the services shared by the steps that call Azure.</summary>
public static class AzureStepsServiceCollectionExtensions
{
    /// <summary>Adds <see cref="AzureStep"/> and <see cref="AzureChainLookup"/>. Call this method after the ledger is added, because this lookup replaces the lookup of the ledger.</summary>
    public static IServiceCollection AddAzureSteps(this IServiceCollection services)
    {
        services.AddSingleton<AzureStep>();
        services.AddSingleton<IChainLookup, AzureChainLookup>();
        return services;
    }
}
