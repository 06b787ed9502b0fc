using MLEvents.AzureML.Endpoints;
using MLEvents.Ledger;

namespace MLEvents.Deployer.Steps;

/// <summary>Which deployment an action creates after an operator's retries. A failed deployment cannot be created again under its name; one that has not failed is continued.</summary>
internal sealed class Generation(IOnlineDeployments deployments)
{
    private const string DeploymentFact = "deployment";

    /// <summary>The plan with the deployment that the first step chose.</summary>
    public static RolloutPlan Apply(ActionRecord record, RolloutPlan plan) =>
        record.State.TryGetValue(DeploymentFact, out var deployment) ? plan with { Deployment = deployment } : plan;

    /// <summary>The plan with the deployment to make.</summary>
    public async Task<RolloutPlan> ChooseAsync(ActionRecord record, RolloutPlan plan, CancellationToken cancellationToken)
    {
        foreach (var earlier in record.EarlierRemoteIds)
        {
            var name = NameOf(record, plan, earlier);
            if (await deployments.GetAsync(plan.Workspace, plan.Endpoint, name, cancellationToken) is { } there)
            {
                return plan with { Deployment = ProvisioningState.IsFailed(there.ProvisioningState) ? NameOf(record, plan, record.RemoteId) : name };
            }
        }

        return plan with { Deployment = NameOf(record, plan, record.RemoteId) };
    }

    /// <summary>The result of the first step, with the choice remembered for the steps to come.</summary>
    public static StepResult Remembered(StepResult result, RolloutPlan chosen) =>
        result is Continue ? result with { State = new Dictionary<string, string>(result.State) { [DeploymentFact] = chosen.Deployment } } : result;

    private static string NameOf(ActionRecord record, RolloutPlan plan, string remoteId) =>
        remoteId == record.Id ? plan.Deployment : Names.Again(plan.Deployment, remoteId);
}
