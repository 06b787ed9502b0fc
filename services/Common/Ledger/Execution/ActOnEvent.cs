using MLEvents.Events;
using MLEvents.Ledger.Chains;
using MLEvents.Ledger.Planning;
using MLEvents.Ledger.Waking;

namespace MLEvents.Ledger.Execution;

/// <summary>Handles an event in every service that has a ledger: wakes the action that waits for the event, plans the actions that the rules request, and runs these actions.</summary>
internal sealed class ActOnEvent(IPlanning planning, ActionRunner runner, ActionWaker waker, ChainGuard guard, ChainJoin join, ForcedReplayCheck replays, LedgerTelemetry telemetry) : ITopicHandler
{
    public async Task HandleAsync(WorkflowEvent workflowEvent, CancellationToken cancellationToken)
    {
        if (workflowEvent.Type is EventTypes.RulesLoaded or EventTypes.ApprovalDecided)
        {
            // These events share a topic with the changes of actions. The ledger does not handle them.
            return;
        }

        telemetry.Received(workflowEvent);
        if (planning.FindWaitingAction(workflowEvent) is { } actionId)
        {
            await waker.WakeAsync(actionId, cancellationToken);
        }

        var verified = await replays.CheckAsync(workflowEvent, cancellationToken);
        var joined = planning.NeedsChain(verified) ? await join.JoinAsync(verified, cancellationToken) : verified;
        await runner.RunAsync(joined, guard.Check(joined, await planning.PlanAsync(joined, cancellationToken)), cancellationToken);
    }
}
