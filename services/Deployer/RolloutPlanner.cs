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
            .SelectMany(rule => CreateRequests(rule, current.Version, workflowEvent))]);
    }

    public bool NeedsChain(WorkflowEvent workflowEvent) => rules.Current.Matching(workflowEvent).Any();

    public IReadOnlyList<Limit> FindLimits(ActionRecord record)
    {
        var rule = rules.Current.Rules.FirstOrDefault(rule => rule.Name == record.Rule);
        return RuleLimits.InForce(record, rule, rule?.Limits);
    }

    /// <summary>Creates the requests of one rule, one for each of its endpoints.</summary>
    internal IEnumerable<ActionRequest<RolloutPlan>> CreateRequests(DeploymentRule rule, string ruleVersion, WorkflowEvent workflowEvent) => rule.ForEachEndpoint().Select((endpointRule, index) =>
    {
        var request = CreateRequest(endpointRule, ruleVersion, workflowEvent);
        return index == 0 ? request : request with { DeduplicationKey = KeyOf(endpointRule, request, workflowEvent) };
    });

    /// <summary>Creates the request for the endpoint in <c>rule.Deploy</c>.</summary>
    internal ActionRequest<RolloutPlan> CreateRequest(DeploymentRule rule, string ruleVersion, WorkflowEvent workflowEvent) =>
        new ActionRequest<RolloutPlan>(rule.Name, ruleVersion, rule.DeduplicationKeyOf(workflowEvent), actionId => Plan(rule, workflowEvent, actionId))
            .WithLimits(rule, rule.Limits, workflowEvent)
            .WithApproval(rule, rule.Approval, Stages.TrafficMoving, Stages.Verified);

    // The key contains the endpoint, so that each further endpoint gets its own action.
    private static string KeyOf(DeploymentRule rule, ActionRequest<RolloutPlan> request, WorkflowEvent workflowEvent) =>
        $"{request.DeduplicationKey ?? workflowEvent.Id}\nendpoint={rule.Deploy.Endpoint.Source}";

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
        IsLatest = target.Model.IsLatest,
        RegistryId = rule.Registry,
        Endpoint = target.Endpoint,
        Deployment = DeploymentNames.Create(target.Model.Version, actionId),
        Location = target.Location,
        InstanceType = target.InstanceType,
        InstanceCount = target.InstanceCount,
        Autoscale = rule.Deploy.Autoscale,
        AuthMode = rule.Deploy.AuthMode.ToString(),
        Traffic = rule.Strategy?.Steps[^1].Traffic ?? rule.Deploy.Traffic,
        Properties = target.Properties,
        ComputeId = target.ComputeId,
        Identities = rule.Deploy.Identities,
        EnvironmentId = target.EnvironmentId,
        CodeId = rule.Deploy.CodeConfiguration?.CodeId,
        ScoringScript = rule.Deploy.CodeConfiguration?.ScoringScript,
        Tags = target.Tags,
        Strategy = rule.Strategy,
        Gate = rule.Gate,
    };
}
