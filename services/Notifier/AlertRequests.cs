using MLEvents.Events;
using MLEvents.Ledger;
using MLEvents.Rules;

namespace MLEvents.Notifier;

/// <summary>The alerts that the rules in force ask for.</summary>
internal sealed class AlertRequests(RuleSource<AlertRule> rules, AlertPlanner planner) : IActionRequests
{
    public IReadOnlyList<ActionRequest> BecauseOf(WorkflowEvent workflowEvent)
    {
        // Taken once: the rules and their version may be replaced at any time.
        var current = rules.Current;
        return [.. current.Matching(workflowEvent).Select(rule => planner.Plan(rule, current.Version, workflowEvent))];
    }
}
