using Microsoft.Extensions.Options;

using MLEvents.AzureML.Endpoints;
using MLEvents.Ledger;

namespace MLEvents.Deployer.Steps;

/// <summary>Creates the endpoint if it does not exist, and waits until it is ready. Repeats the endpoint's last update if that update failed.</summary>
internal sealed class EndpointStep(IOnlineEndpoints endpoints, EndpointRepair repair, IOptions<DeployerOptions> options)
{
    public async Task<StepResult> StepAsync(ActionRecord record, RolloutPlan plan, CancellationToken cancellationToken)
    {
        if (await endpoints.GetAsync(plan.Workspace, plan.Endpoint, cancellationToken) is not { } endpoint)
        {
            var spec = new OnlineEndpointSpec(plan.Location, plan.AuthMode, record.ToTags(), ComputeId: plan.ComputeId, Identities: plan.Identities);
            await endpoints.BeginCreateOrUpdateAsync(plan.Workspace, plan.Endpoint, spec, cancellationToken);
            return new Continue(Stages.EndpointCreating, options.Value.PollInterval) { Detail = $"endpoint {plan.Endpoint} is being created" };
        }

        return await repair.CheckAsync(record, plan, endpoint, cancellationToken)
            ?? new Continue(Stages.DeploymentCreating, TimeSpan.Zero) { State = RolloutState.Try(0) };
    }
}
