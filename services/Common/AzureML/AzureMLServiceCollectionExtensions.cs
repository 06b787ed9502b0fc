using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

using MLEvents.AzureML.BatchEndpoints;
using MLEvents.AzureML.Connection;
using MLEvents.AzureML.DataFactory;
using MLEvents.AzureML.Endpoints;
using MLEvents.AzureML.Jobs;
using MLEvents.AzureML.Models;
using MLEvents.AzureML.Monitoring;
using MLEvents.AzureML.Quotas;
using MLEvents.AzureML.Resilience;
using MLEvents.AzureML.Scaling;
using MLEvents.AzureML.Scoring;
using MLEvents.AzureML.Tracking;

using Polly;
using Polly.Registry;

namespace MLEvents.AzureML;

/// <summary>Registers the client of Azure Machine Learning and Data Factory.</summary>
public static class AzureMLServiceCollectionExtensions
{
    /// <summary>
    /// Adds <see cref="IJobs"/>, <see cref="IModelVersions"/>, <see cref="IOnlineEndpoints"/>, <see cref="IOnlineDeployments"/>,
    /// <see cref="IScoring"/>, <see cref="IEndpointMetrics"/>, <see cref="IAutoscaleSettings"/>, <see cref="IMachineQuotas"/>, <see cref="IRunMetrics"/>, <see cref="IBatchEndpoints"/> and <see cref="IDataFactoryPipelines"/>, configured by <see cref="AzureMLOptions"/>. An invalid setting stops the start. Adds <see cref="TimeProvider.System"/> if no time provider is registered.
    /// </summary>
    public static IServiceCollection AddAzureML(this IServiceCollection services)
    {
        services.AddOptionsWithValidateOnStart<AzureMLOptions, AzureMLOptionsValidator>().BindConfiguration(AzureMLOptions.Section);
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<AzureMLOptions>, AzureMLOptionsGuard>());
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<ArmScope>();
        services.TryAddSingleton<ArmConnection>();
        services.AddMetrics();
        services.TryAddSingleton<AzureCircuits>();
        services.AddHealthChecks().AddCheck<AzureCircuitHealthCheck>("azure");
        services.AddDependency(AzureDependency.Arm, options => options.Arm);
        services.AddDependency(AzureDependency.Tracking, options => options.Arm);
        services.AddDependency(AzureDependency.DataFactory, options => options.DataFactory);
        services.AddDependency(AzureDependency.BatchEndpoints, options => options.BatchEndpoints);
        services.TryAddSingleton<IJobs, ArmJobs>();
        services.TryAddSingleton<IModelVersions, ArmModelVersions>();
        services.TryAddSingleton<IOnlineEndpoints, ArmOnlineEndpoints>();
        services.TryAddSingleton<IOnlineDeployments, ArmOnlineDeployments>();
        services.TryAddSingleton<IEndpointMetrics, ArmEndpointMetrics>();
        services.TryAddSingleton<IAutoscaleSettings, ArmAutoscaleSettings>();
        services.TryAddSingleton<IMachineQuotas, ArmMachineQuotas>();
        services.TryAddSingleton<IRunMetrics, MlflowRunMetrics>();
        services.TryAddSingleton<ScoringHosts>();
        services.TryAddSingleton<ScoringCredentials>();
        services.TryAddSingleton<IScoring, OnlineScoring>();
        services.TryAddSingleton<BatchConnection>();
        services.TryAddSingleton<IBatchEndpoints, ArmBatchEndpoints>();
        services.TryAddSingleton<IDataFactoryPipelines, ArmDataFactoryPipelines>();
        return services;
    }

    private static void AddDependency(this IServiceCollection services, string name, Func<AzureMLOptions, AzureResilienceOptions> limits)
    {
        services.AddResiliencePipeline(name, (builder, context) => AzureResilience.Configure(
            builder,
            limits(context.ServiceProvider.GetRequiredService<IOptions<AzureMLOptions>>().Value),
            context.ServiceProvider.GetRequiredService<AzureCircuits>().For(name),
            context.ServiceProvider.GetRequiredService<TimeProvider>()));
        services.TryAddKeyedSingleton(name, (provider, _) => new AzureDependency(
            provider.GetRequiredService<ResiliencePipelineProvider<string>>().GetPipeline(name),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<AzureDependency>>()));
    }
}
