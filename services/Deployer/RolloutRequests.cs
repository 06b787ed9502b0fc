using MLEvents.Events;
using MLEvents.Ledger;
using MLEvents.Rules;

namespace MLEvents.Deployer;

/// <summary>The roll-outs that the rules in force ask for.</summary>
internal sealed class RolloutRequests(RuleSource<DeploymentRule> rules, RolloutPlanner planner) : IActionPlanner
{
    public Task<IReadOnlyList<ActionRequest>> PlanAsync(WorkflowEvent workflowEvent, CancellationToken cancellationToken)
    {
        var current = rules.Current;
        return Task.FromResult<IReadOnlyList<ActionRequest>>([.. current.Matching(workflowEvent).Select(rule => planner.Plan(rule, current.Version, workflowEvent))]);
    }
}
