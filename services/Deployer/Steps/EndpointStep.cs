using Microsoft.Extensions.Options;

using MLEvents.AzureML.Endpoints;
using MLEvents.Ledger;

namespace MLEvents.Deployer.Steps;

/// <summary>Makes the endpoint when there is none, and waits for it.</summary>
internal sealed class EndpointStep(IOnlineEndpoints endpoints, IOptions<DeployerOptions> options)
{
    public async Task<StepResult> StepAsync(ActionRecord record, RolloutPlan plan, CancellationToken cancellationToken)
    {
        if (await endpoints.GetAsync(plan.Workspace, plan.Endpoint, cancellationToken) is not { } endpoint)
        {
            var spec = new OnlineEndpointSpec(plan.Location, plan.AuthMode, record.ToTags());
            await endpoints.BeginCreateOrUpdateAsync(plan.Workspace, plan.Endpoint, spec, cancellationToken);
            return Wait("is being created");
        }

        if (!ProvisioningState.IsTerminal(endpoint.ProvisioningState))
        {
            return Wait($"is {endpoint.ProvisioningState}");
        }

        return ProvisioningState.IsSucceeded(endpoint.ProvisioningState)
            ? new Continue(Stages.DeploymentCreating, TimeSpan.Zero)
            : new Failed { Detail = $"endpoint {plan.Endpoint} could not be created: its state is {endpoint.ProvisioningState}" };

        Continue Wait(string what) => new(Stages.EndpointCreating, options.Value.PollInterval) { Detail = $"endpoint {plan.Endpoint} {what}" };
    }
}
