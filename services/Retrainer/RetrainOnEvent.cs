using MLEvents.Events;
using MLEvents.Ledger;
using MLEvents.ServiceDefaults;

namespace MLEvents.Retrainer;

/// <summary>Retrains when a rule asks for it, and wakes the retraining whose run has news.</summary>
internal sealed class RetrainOnEvent(IActionPlanner requests, ActionRunner runner) : ITopicHandler
{
    public async Task HandleAsync(WorkflowEvent workflowEvent, CancellationToken cancellationToken)
    {
        if (ActionTags.ActionOf(workflowEvent) is { } actionId)
        {
            await runner.WakeAsync(actionId, cancellationToken);
        }

        await runner.RunAsync(workflowEvent, await requests.PlanAsync(workflowEvent, cancellationToken), cancellationToken);
    }
}
