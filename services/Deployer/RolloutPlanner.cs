using Microsoft.Extensions.Options;

using MLEvents.AzureSteps;
using MLEvents.Deployer.Steps;
using MLEvents.Events;
using MLEvents.Events.Limits;
using MLEvents.Ledger;
using MLEvents.Rules;
using MLEvents.Rules.Plans;
using MLEvents.ServiceDefaults;

namespace MLEvents.Deployer;

/// <summary>Plans the roll-outs of the rules in force.</summary>
internal sealed class RolloutPlanner(RuleSource<DeploymentRule> rules, IOptions<StudioOptions> studio) : IActionPlanner<RolloutPlan>
{
    public Task<IReadOnlyList<ActionRequest<RolloutPlan>>> PlanAsync(WorkflowEvent workflowEvent, CancellationToken cancellationToken)
    {
        var current = rules.Current;
        return Task.FromResult<IReadOnlyList<ActionRequest<RolloutPlan>>>([.. current.Matching(workflowEvent)
            .Select(rule => Request(rule, current.Version, workflowEvent))]);
    }

    public IReadOnlyList<Limit> FindLimits(ActionRecord record)
    {
        var rule = rules.Current.Rules.FirstOrDefault(rule => rule.Name == record.Rule);
        return RuleLimits.InForce(record, rule, rule?.Limits);
    }

    /// <summary>The request of one rule.</summary>
    internal ActionRequest<RolloutPlan> Request(DeploymentRule rule, string ruleVersion, WorkflowEvent workflowEvent) =>
        new ActionRequest<RolloutPlan>(rule.Name, ruleVersion, rule.DeduplicationKeyOf(workflowEvent), actionId => Plan(rule, workflowEvent, actionId))
            .WithLimits(rule, rule.Limits, workflowEvent)
            .WithApproval(rule, rule.Approval, Stages.TrafficMoving, Stages.Verified);

    private PlanResult<RolloutPlan> Plan(DeploymentRule rule, WorkflowEvent workflowEvent, string actionId)
    {
        var (target, fault) = RolloutTarget.Create(rule, workflowEvent, studio.Value.StudioBase);
        return target is null ? new(null, fault) : new(CreatePlan(rule, target, actionId), null);
    }

    private static RolloutPlan CreatePlan(DeploymentRule rule, RolloutTarget target, string actionId) => new()
    {
        WorkspaceId = target.Workspace.ArmId,
        Model = target.Model.Name,
        Version = target.Model.Version,
        Endpoint = target.Endpoint,
        Deployment = Names.Deployment(target.Model.Version, actionId),
        Location = rule.Deploy.Location,
        InstanceType = rule.Deploy.InstanceType,
        InstanceCount = rule.Deploy.InstanceCount,
        AuthMode = rule.Deploy.AuthMode.ToString(),
        Traffic = rule.Strategy?.Steps[^1].Traffic ?? rule.Deploy.Traffic,
        EnvironmentId = rule.Deploy.EnvironmentId,
        CodeId = rule.Deploy.CodeConfiguration?.CodeId,
        ScoringScript = rule.Deploy.CodeConfiguration?.ScoringScript,
        Tags = target.Tags,
        Strategy = rule.Strategy,
    };
}
