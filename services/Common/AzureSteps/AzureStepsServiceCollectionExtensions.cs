using Microsoft.Extensions.DependencyInjection;

using MLEvents.Ledger.Chains;

namespace MLEvents.AzureSteps;

/// <summary>Registers the services shared by the steps that call Azure.</summary>
public static class AzureStepsServiceCollectionExtensions
{
    /// <summary>Adds <see cref="AzureStep"/> and the lookup of the chain of a registered model at Azure. Call it after the ledger is added.</summary>
    public static IServiceCollection AddAzureSteps(this IServiceCollection services)
    {
        services.AddSingleton<AzureStep>();
        services.AddSingleton<IChainLookup, AzureChainLookup>();
        return services;
    }
}
