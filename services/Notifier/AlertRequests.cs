using MLEvents.Events;
using MLEvents.Ledger;
using MLEvents.Rules;

namespace MLEvents.Notifier;

/// <summary>The alerts that the rules in force ask for.</summary>
internal sealed class AlertRequests(RuleSource<AlertRule> rules, AlertPlanner planner, ChainStore chains) : IActionPlanner
{
    public async Task<IReadOnlyList<ActionRequest>> PlanAsync(WorkflowEvent workflowEvent, CancellationToken cancellationToken)
    {
        // Taken once: the rules and their version may be replaced at any time.
        var current = rules.Current;
        var previous = current.Rules.Any(LooksBack) ? await chains.NoteAsync(workflowEvent, cancellationToken) : [];
        return [.. current.Matching(workflowEvent).Select(rule => planner.Plan(rule, current.Version, workflowEvent, previous))];
    }

    private static bool LooksBack(AlertRule rule) => rule.Enabled && rule.Send.UsesPrevious;
}
