using MLEvents.Events;
using MLEvents.Ledger;
using MLEvents.ServiceDefaults;

namespace MLEvents.Deployer;

/// <summary>Rolls a model out when a rule asks for it.</summary>
internal sealed class DeployOnEvent(IActionPlanner requests, ActionRunner runner) : ITopicHandler
{
    public async Task HandleAsync(WorkflowEvent workflowEvent, CancellationToken cancellationToken) =>
        await runner.RunAsync(workflowEvent, await requests.PlanAsync(workflowEvent, cancellationToken), cancellationToken);
}
