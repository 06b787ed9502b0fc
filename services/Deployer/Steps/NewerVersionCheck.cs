using MLEvents.AzureML.Endpoints;
using MLEvents.AzureML.Models;
using MLEvents.Deployer.Queueing;

namespace MLEvents.Deployer.Steps;

/// <summary>Prevents an older version from replacing a newer version in service. This could happen because events may arrive out of order.</summary>
internal sealed class NewerVersionCheck(IOnlineDeployments deployments)
{
    /// <summary>The reason why a model must not take over the endpoint's traffic; null if there is no such reason.</summary>
    public async Task<string?> FindObstacleAsync(RolloutPlan plan, OnlineEndpoint endpoint, CancellationToken cancellationToken)
    {
        var serving = endpoint.Traffic.Where(share => share.Value > 0 && share.Key != plan.Deployment).Select(share => share.Key).ToHashSet();
        if (serving.Count == 0)
        {
            return null;
        }

        var newer = (await deployments.ListAsync(plan.Workspace, plan.Endpoint, cancellationToken))
            .Where(deployment => serving.Contains(deployment.Name))
            .FirstOrDefault(deployment => IsNewer(deployment.ModelId, plan));
        return newer is null
            ? null
            : $"endpoint {plan.Endpoint} already serves a newer version of model {plan.Model} than version {plan.Version}, by deployment {newer.Name} ({newer.ModelId})";
    }

    // If the model id cannot be read, or the order of the two versions is unknown, the deployment does not block the roll-out.
    private static bool IsNewer(string? modelId, RolloutPlan plan) =>
        ModelReference.Parse(modelId) is { } model && model.Name == plan.Model && VersionOrder.Compare(model.Version, plan.Version) > 0;
}
