using Microsoft.Extensions.Options;

using MLEvents.AzureML.Endpoints;
using MLEvents.Deployer.Traffic;
using MLEvents.Ledger;

namespace MLEvents.Deployer.Steps;

/// <summary>Repeats the last update of an endpoint if that update failed, before the roll-out continues.</summary>
internal sealed class EndpointRepair(EndpointTraffic traffic, IOptions<DeployerOptions> options)
{
    private const int MaxTries = 3;

    /// <summary>Waits while Azure changes the endpoint, and repeats its last update if that update failed.</summary>
    /// <returns>The result of the step; null if the endpoint is ready.</returns>
    public async Task<StepResult?> CheckAsync(ActionRecord record, RolloutPlan plan, OnlineEndpoint endpoint, CancellationToken cancellationToken)
    {
        if (!ProvisioningState.IsTerminal(endpoint.ProvisioningState))
        {
            return Wait(record, $"endpoint {plan.Endpoint} is {endpoint.ProvisioningState}");
        }

        if (!ProvisioningState.IsFailed(endpoint.ProvisioningState))
        {
            return null;
        }

        if (record.Tries() >= MaxTries)
        {
            return new Failed { Detail = $"endpoint {plan.Endpoint} is still {endpoint.ProvisioningState} after its last update was repeated {MaxTries} times. Correct it in the studio, and retry the action" };
        }

        await traffic.BeginRepairAsync(plan, endpoint, cancellationToken);
        return Wait(record, $"endpoint {plan.Endpoint} is {endpoint.ProvisioningState}; its last update is being repeated") with { State = RolloutState.Try(record.Tries() + 1) };
    }

    private Continue Wait(ActionRecord record, string detail) => new(record.Stage, options.Value.PollInterval) { Detail = detail };
}
