using System.Globalization;

using MLEvents.AzureML.Endpoints;
using MLEvents.AzureML.Errors;
using MLEvents.Ledger;

namespace MLEvents.Deployer.Steps;

/// <summary>Whether an endpoint has room for another deployment, and what to do about a quota, before anything is built.</summary>
internal sealed class DeploymentRoom(IOnlineDeployments deployments)
{
    // Azure's limit for an online endpoint.
    private const int MaxDeployments = 20;

    private static readonly string[] QuotaCodes = ["OutOfQuota", "QuotaExceeded", "OutOfCapacity", "NotEnoughResources"];

    /// <summary>Checks the number of deployments.</summary>
    /// <returns>The end of the action; null if there is room.</returns>
    public async Task<StepResult?> CheckAsync(RolloutPlan plan, CancellationToken cancellationToken)
    {
        var all = await deployments.ListAsync(plan.Workspace, plan.Endpoint, cancellationToken);
        return all.Count < MaxDeployments || all.Any(deployment => deployment.Name == plan.Deployment)
            ? null
            : new Failed
            {
                Detail = string.Create(CultureInfo.InvariantCulture, $"endpoint {plan.Endpoint} has {all.Count} deployments, and Azure allows {MaxDeployments}. Delete those without traffic (az ml online-deployment delete), let the rule delete them (strategy.keep), and retry the action"),
            };
    }

    /// <summary>What to do about a refused deployment; null if nothing is known.</summary>
    public static string? FindFix(AzureException refusal, RolloutPlan plan) =>
        QuotaCodes.Contains(refusal.Code, StringComparer.OrdinalIgnoreCase) ? $"Request quota for the family of {plan.InstanceType} in {plan.Location} (studio, Quota), or set another deploy.instanceType or a smaller deploy.instanceCount ({plan.InstanceCount}), and retry the action"
        : refusal.Status == 400 && Mentions(refusal, "instanceType", "instance type", "SKU") ? $"Set a deploy.instanceType that online deployments support in {plan.Location} (az ml compute list-sizes --location {plan.Location}), and retry the action"
        : null;

    private static bool Mentions(AzureException refusal, params ReadOnlySpan<string> words)
    {
        foreach (var word in words)
        {
            if (refusal.Message.Contains(word, StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return false;
    }
}
