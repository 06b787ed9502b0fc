using MLEvents.AzureML.Endpoints;
using MLEvents.AzureML.Models;
using MLEvents.Ledger;

namespace MLEvents.Deployer.Steps;

/// <summary>Chooses the version and the deployment of an action. After an operator's retry, a failed deployment needs a new name; a deployment that has not failed is used again.</summary>
internal sealed class Generation(IOnlineDeployments deployments, IModelVersions models)
{
    private const string DeploymentFact = "deployment";
    private const string VersionFact = "version";

    /// <summary>The plan with the version and the deployment that the first step chose.</summary>
    public static RolloutPlan Apply(ActionRecord record, RolloutPlan plan) => plan with
    {
        Deployment = record.State.GetValueOrDefault(DeploymentFact, plan.Deployment),
        Version = record.State.GetValueOrDefault(VersionFact, plan.Version),
    };

    /// <summary>The plan with the version to roll out and the deployment to create.</summary>
    public async Task<RolloutPlan> ChooseAsync(ActionRecord record, RolloutPlan plan, CancellationToken cancellationToken)
    {
        var version = plan.IsLatest ? await models.FindLatestAsync(plan.ModelContainer, plan.Model, cancellationToken) : null;
        return await ChooseDeploymentAsync(record, version is null ? plan : plan with { Version = version }, cancellationToken);
    }

    /// <summary>The result of the first step, with the choice in its state for the next steps.</summary>
    public static StepResult Remembered(StepResult result, RolloutPlan chosen) =>
        result is Continue ? result with { State = new Dictionary<string, string>(result.State) { [DeploymentFact] = chosen.Deployment, [VersionFact] = chosen.Version } } : result;

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
        remoteId == record.Id ? plan.Deployment : DeploymentNames.Again(plan.Deployment, remoteId);
}
