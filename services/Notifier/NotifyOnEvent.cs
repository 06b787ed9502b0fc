using MLEvents.Events;
using MLEvents.Ledger;
using MLEvents.Rules;
using MLEvents.ServiceDefaults;

namespace MLEvents.Notifier;

/// <summary>Sends, or surely brings about, the alerts that the rules in force ask for because of an event.</summary>
internal sealed class NotifyOnEvent(RuleSource<AlertRule> rules, AlertPlanner planner, ActionRunner runner, NotifierTelemetry telemetry) : ITopicHandler
{
    public Task HandleAsync(WorkflowEvent workflowEvent, CancellationToken cancellationToken)
    {
        telemetry.Handled(workflowEvent);

        // Taken once: the rules and their version may be replaced at any time.
        var current = rules.Current;
        var requests = current.Matching(workflowEvent).Select(rule => planner.Plan(rule, current.Version, workflowEvent));
        return runner.RunAsync(workflowEvent, requests, cancellationToken);
    }
}
