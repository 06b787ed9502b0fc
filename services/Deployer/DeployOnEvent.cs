using MLEvents.Events;
using MLEvents.Ledger;
using MLEvents.ServiceDefaults;

namespace MLEvents.Deployer;

/// <summary>Rolls a model out when a rule asks for it.</summary>
internal sealed class DeployOnEvent(IActionRequests requests, ActionRunner runner) : ITopicHandler
{
    public Task HandleAsync(WorkflowEvent workflowEvent, CancellationToken cancellationToken) =>
        runner.RunAsync(workflowEvent, requests.BecauseOf(workflowEvent), cancellationToken);
}
