using MLEvents.Events;
using MLEvents.Ledger;
using MLEvents.Rules;
using MLEvents.ServiceDefaults;

namespace MLEvents.Deployer;

/// <summary>Rolls a model out when a rule asks for it.</summary>
internal sealed class DeployOnEvent(RuleSource<DeploymentRule> rules, RolloutPlanner planner, ActionRunner runner) : ITopicHandler
{
    public Task HandleAsync(WorkflowEvent workflowEvent, CancellationToken cancellationToken)
    {
        var current = rules.Current;
        var requests = current.Matching(workflowEvent).Select(rule => planner.Plan(rule, current.Version, workflowEvent));
        return runner.RunAsync(workflowEvent, requests, cancellationToken);
    }
}
