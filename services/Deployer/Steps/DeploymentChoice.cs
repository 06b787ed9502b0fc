using MLEvents.AzureML.Endpoints;
using MLEvents.AzureML.Models;
using MLEvents.Ledger;

namespace MLEvents.Deployer.Steps;

/// <summary>
/// Chooses the model version and the name of the deployment of an action. After an operator's retry, a deployment that has not failed is used again. A failed
/// deployment is replaced by a deployment with a new name. After a retry with force, the deployment always has a new name.
/// </summary>
internal sealed class DeploymentChoice(IOnlineDeployments deployments, IModelVersions models)
{
    private const string DeploymentKey = "deployment";
    private const string VersionKey = "version";

    /// <summary>Returns the plan with the version and the deployment that the first step chose.</summary>
    public static RolloutPlan Apply(ActionRecord record, RolloutPlan plan) => plan with
    {
        Deployment = record.State.GetValueOrDefault(DeploymentKey, plan.Deployment),
        Version = record.State.GetValueOrDefault(VersionKey, plan.Version),
    };

    /// <summary>Returns the plan with the version to roll out and the deployment to create.</summary>
    public async Task<RolloutPlan> ChooseAsync(ActionRecord record, RolloutPlan plan, CancellationToken cancellationToken)
    {
        var version = plan.IsLatest ? await models.FindLatestAsync(plan.ModelContainer, plan.Model, cancellationToken) : null;
        return await ChooseDeploymentAsync(record, version is null ? plan : plan with { Version = version }, cancellationToken);
    }

    /// <summary>Adds the choice to the state in the result of the first step, for <see cref="Apply"/> in the next steps.</summary>
    public static StepResult AddTo(StepResult result, RolloutPlan chosen) =>
        result is Continue ? result with { State = new Dictionary<string, string>(result.State) { [DeploymentKey] = chosen.Deployment, [VersionKey] = chosen.Version } } : result;

    private async Task<RolloutPlan> ChooseDeploymentAsync(ActionRecord record, RolloutPlan plan, CancellationToken cancellationToken)
    {
        foreach (var earlier in record.EarlierRemoteIds)
        {
            var name = NameOf(record, plan, earlier);
            if (await deployments.GetAsync(plan.Workspace, plan.Endpoint, name, cancellationToken) is { } existing)
            {
                return plan with { Deployment = ProvisioningState.IsFailed(existing.ProvisioningState) ? NameOf(record, plan, record.RemoteId) : name };
            }
        }

        return plan with { Deployment = NameOf(record, plan, record.RemoteId) };
    }

    private static string NameOf(ActionRecord record, RolloutPlan plan, string remoteId) =>
        remoteId == record.Id ? plan.Deployment : DeploymentNames.CreateForRetry(plan.Deployment, remoteId);
}
