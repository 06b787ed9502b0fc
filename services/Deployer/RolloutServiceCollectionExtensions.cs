using MLEvents.Deployer.Queueing;
using MLEvents.Deployer.Steps;
using MLEvents.Deployer.Traffic;
using MLEvents.Deployer.Watching;

namespace MLEvents.Deployer;

/// <summary>Registers the steps of roll-outs.</summary>
internal static class RolloutServiceCollectionExtensions
{
    /// <summary>Adds the steps of roll-outs with and without a strategy.</summary>
    public static IServiceCollection AddRolloutSteps(this IServiceCollection services)
    {
        services.AddSingleton<DeploymentChoice>();
        services.AddSingleton<NewerVersionCheck>();
        services.AddSingleton<ContainerLogs>();
        services.AddSingleton<RolloutEnding>();
        services.AddSingleton<EndpointTraffic>();
        services.AddSingleton<TrafficEvidence>();
        services.AddSingleton<EndpointRepair>();
        services.AddSingleton<ModelMetricReader>().AddSingleton<ServingModelReader>().AddSingleton<ModelGateCheck>().AddSingleton<ModelEvidence>();
        services.AddSingleton<MachineQuotaCheck>();
        services.AddSingleton<ModelStep>();
        services.AddSingleton<EndpointStep>();
        services.AddSingleton<DeploymentStep>();
        services.AddSingleton<AutoscaleStep>();
        services.AddSingleton<TrafficStep>();
        services.AddSingleton<IEndpointQueues, StoredEndpointQueues>();
        services.AddSingleton<DeploymentMetrics>();
        services.AddSingleton<MetricWatch>();
        services.AddSingleton<VerificationStep>();
        services.AddSingleton<TrafficRecordStep>();
        services.AddSingleton<TrafficMoveStep>();
        services.AddSingleton<WatchStep>();
        services.AddSingleton<TrafficRestoreStep>();
        services.AddSingleton<RemovalStep>();
        services.AddSingleton<RetirementStep>();
        services.AddSingleton<RollbackStep>();
        services.AddSingleton<StrategySteps>();
        services.AddSingleton<StrategyRollout>();
        return services;
    }
}
