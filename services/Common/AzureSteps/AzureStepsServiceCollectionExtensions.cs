using Microsoft.Extensions.DependencyInjection;

using MLEvents.Ledger.Chains;

namespace MLEvents.AzureSteps;

/// <summary>Registers what steps that call Azure share.</summary>
public static class AzureStepsServiceCollectionExtensions
{
    /// <summary>Adds the steps, and the search at Azure for the chain of a registered model. Add it after the ledger.</summary>
    public static IServiceCollection AddAzureSteps(this IServiceCollection services)
    {
        services.AddSingleton<AzureStep>();
        services.AddSingleton<IChainLookup, AzureChainLookup>();
        return services;
    }
}
