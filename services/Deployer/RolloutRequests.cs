using MLEvents.Events;
using MLEvents.Ledger;
using MLEvents.Rules;

namespace MLEvents.Deployer;

/// <summary>The roll-outs that the rules in force ask for.</summary>
internal sealed class RolloutRequests(RuleSource<DeploymentRule> rules, RolloutPlanner planner) : IActionRequests
{
    public IReadOnlyList<ActionRequest> BecauseOf(WorkflowEvent workflowEvent)
    {
        var current = rules.Current;
        return [.. current.Matching(workflowEvent).Select(rule => planner.Plan(rule, current.Version, workflowEvent))];
    }
}
