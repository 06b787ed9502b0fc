using MLEvents.Events;
using MLEvents.Ledger;
using MLEvents.Rules;
using MLEvents.ServiceDefaults;

namespace MLEvents.Notifier;

/// <summary>Sends, or surely brings about, the alerts that the rules in force ask for because of an event.</summary>
internal sealed class NotifyOnEvent(RuleSource<AlertRule> rules, AlertPlanner planner, ChainBook chains, ActionRunner runner, NotifierTelemetry telemetry) : ITopicHandler
{
    public async Task HandleAsync(WorkflowEvent workflowEvent, CancellationToken cancellationToken)
    {
        telemetry.Handled(workflowEvent);

        // Taken once: the rules and their version may be replaced at any time.
        var current = rules.Current;
        var previous = current.Rules.Any(LooksBack) ? await chains.NoteAsync(workflowEvent, cancellationToken) : [];
        var requests = current.Matching(workflowEvent).Select(rule => planner.Plan(rule, current.Version, workflowEvent, previous));
        await runner.RunAsync(workflowEvent, requests, cancellationToken);
    }

    private static bool LooksBack(AlertRule rule) => rule.Enabled && rule.Send.UsesPrevious;
}
