using MLEvents.AzureML.Endpoints;
using MLEvents.Deployer.Traffic;
using MLEvents.Ledger;

namespace MLEvents.Deployer.Steps;

/// <summary>Gives a deployment all traffic at an operator's request, and waits until Azure confirms it.</summary>
internal sealed class RollbackStep(EndpointTraffic traffic, IOnlineDeployments deployments, RolloutEnding ending)
{
    private const int MaxTries = 5;
    private const string BeforeKey = "before";

    public async Task<StepResult> StepAsync(ActionRecord record, RolloutPlan plan, CancellationToken cancellationToken)
    {
        if (await traffic.FindAsync(plan, cancellationToken) is not { } endpoint)
        {
            return new Failed { Detail = $"there is no endpoint {plan.Endpoint} in workspace {plan.Workspace.Name}" };
        }

        if (!ProvisioningState.IsTerminal(endpoint.ProvisioningState))
        {
            return ending.Wait(record, $"endpoint {plan.Endpoint} is {endpoint.ProvisioningState}");
        }

        var wanted = new Dictionary<string, int> { [plan.Deployment] = 100 };
        if (ProvisioningState.IsSucceeded(endpoint.ProvisioningState) && TrafficSchedule.AreEqual(endpoint.Traffic, wanted))
        {
            var before = record.State.GetValueOrDefault(BeforeKey, TrafficSchedule.Describe(wanted));
            return new Succeeded { Detail = $"Azure confirmed that the traffic of {plan.Endpoint} is {TrafficSchedule.Describe(wanted)}; it was {before}" };
        }

        return await BeginAsync(record, plan, endpoint, wanted, cancellationToken);
    }

    private async Task<StepResult> BeginAsync(ActionRecord record, RolloutPlan plan, OnlineEndpoint endpoint, Dictionary<string, int> wanted, CancellationToken cancellationToken)
    {
        if (await deployments.GetAsync(plan.Workspace, plan.Endpoint, plan.Deployment, cancellationToken) is not { } deployment || !ProvisioningState.IsSucceeded(deployment.ProvisioningState))
        {
            return new Failed { Detail = $"deployment {plan.Deployment} of {plan.Endpoint} does not exist or is not ready; the traffic stays {TrafficSchedule.Describe(endpoint.Traffic)}" };
        }

        if (record.Tries() >= MaxTries)
        {
            return new Failed { Detail = $"endpoint {plan.Endpoint} is {endpoint.ProvisioningState} after {MaxTries} updates of its traffic, which is {TrafficSchedule.Describe(endpoint.Traffic)}" };
        }

        await traffic.BeginSetAsync(plan, endpoint, wanted, mirror: 0, cancellationToken);
        var state = RolloutState.Try(record.Tries() + 1);
        state[BeforeKey] = record.State.GetValueOrDefault(BeforeKey, TrafficSchedule.Describe(endpoint.Traffic));
        return ending.Wait(record, $"all traffic of {plan.Endpoint} returns to {plan.Deployment}") with { State = state };
    }
}
