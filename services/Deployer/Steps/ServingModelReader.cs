using Azure.Core;

using MLEvents.AzureML.Endpoints;
using MLEvents.AzureML.Models;
using MLEvents.Deployer.Traffic;
using MLEvents.Rules.Rollouts;

namespace MLEvents.Deployer.Steps;

/// <summary>Finds the model in service: the model of the deployment with the largest share of the endpoint's traffic.</summary>
internal sealed class ServingModelReader(IModelVersions models, ModelMetricReader metricReader, IOnlineDeployments deployments)
{
    private const string RegistryPrefix = "azureml://registries/";

    /// <summary>Finds the model in service and reads its metrics.</summary>
    /// <param name="plan">The roll-out. Its own deployment is not considered.</param>
    /// <param name="metrics">The metrics to read.</param>
    /// <param name="endpoint">The endpoint; null if it does not exist yet.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>The model, without values if it cannot be read; null if <paramref name="metrics"/> is empty or no deployment is in service.</returns>
    /// <exception cref="MLEvents.AzureML.Errors.AzureException">Azure refused a call, or could not be reached.</exception>
    public async Task<MeasuredModel?> FindAsync(RolloutPlan plan, IReadOnlyList<ModelMetric> metrics, OnlineEndpoint? endpoint, CancellationToken cancellationToken)
    {
        if (metrics.Count == 0 || endpoint is null || TrafficShares.Largest(endpoint.Traffic, plan.Deployment) is not { } inService)
        {
            return null;
        }

        var deployment = await deployments.GetAsync(plan.Workspace, plan.Endpoint, inService, cancellationToken);
        var reference = ModelReference.Parse(deployment?.ModelId);
        var model = reference is null || FindContainer(plan, deployment?.ModelId ?? "") is not { } container ? null : await models.GetAsync(container, reference.Name, reference.Version, cancellationToken);
        return new($"{(reference is null ? "an unknown model" : $"{reference.Name}:{reference.Version}")} in {inService}", model is null ? new Dictionary<string, double>() : await metricReader.ReadAsync(plan, model, metrics, cancellationToken));
    }

    // The id of a model in a registry names the registry, but not its resource group, so only the registry in the rule can be read.
    private static ResourceIdentifier? FindContainer(RolloutPlan plan, string modelId) =>
        !modelId.StartsWith(RegistryPrefix, StringComparison.OrdinalIgnoreCase) ? plan.Workspace
        : plan.RegistryId is not null && modelId.StartsWith($"{RegistryPrefix}{plan.ModelContainer.Name}/", StringComparison.OrdinalIgnoreCase) ? plan.ModelContainer
        : null;
}

/// <summary>The model in service.</summary>
/// <param name="Name">The model, its version and its deployment, for people.</param>
/// <param name="Values">The metrics that are known, by name.</param>
internal sealed record MeasuredModel(string Name, IReadOnlyDictionary<string, double> Values);
