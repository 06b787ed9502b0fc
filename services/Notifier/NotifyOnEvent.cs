using MLEvents.Events;
using MLEvents.Ledger;
using MLEvents.ServiceDefaults;

namespace MLEvents.Notifier;

/// <summary>Sends, or surely brings about, the alerts that the rules in force ask for because of an event.</summary>
internal sealed class NotifyOnEvent(IActionPlanner requests, ActionRunner runner, NotifierTelemetry telemetry) : ITopicHandler
{
    public async Task HandleAsync(WorkflowEvent workflowEvent, CancellationToken cancellationToken)
    {
        telemetry.Handled(workflowEvent);
        await runner.RunAsync(workflowEvent, await requests.PlanAsync(workflowEvent, cancellationToken), cancellationToken);
    }
}
