using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

using MLEvents.Events;
using MLEvents.Rules.Plans;
using MLEvents.Rules.Rollouts;
using MLEvents.Rules.Templates;

namespace MLEvents.Rules.Explaining;

/// <summary>The plan of a service: a mail, a call, a job or a deployment as JSON, or the reason why there is none.</summary>
/// <param name="Action">
/// The action with every template rendered; null if it would fail. If the rule has several endpoints, an array with the action for each.
/// </param>
/// <param name="Fault">The reason why the action would fail, or the parts of the rule that cannot be rendered and have a default instead; null if everything can be rendered.</param>
public sealed record RulePlan(JsonNode? Action, string? Fault);

/// <summary>Renders plans as the services do.</summary>
internal static class RulePlans
{
    public static RulePlan Create(AlertRule rule, WorkflowEvent workflowEvent, IReadOnlyList<ChainEvent> previous) => Create(AlertPlans.Create(rule, workflowEvent, previous), plan => JsonSerializer.SerializeToNode(plan, RulePlanJson.Default.AlertPlan), plan => plan.Problem);

    public static RulePlan Create(RetrainingRule rule, WorkflowEvent workflowEvent) => Create(RetrainingPlans.Create(rule, workflowEvent), plan => JsonSerializer.SerializeToNode(plan, RulePlanJson.Default.RetrainingPlan));

    public static RulePlan Create(DeploymentRule rule, WorkflowEvent workflowEvent)
    {
        RulePlan[] plans = [.. rule.ForEachEndpoint().Select(one => Create(RolloutTarget.Create(one, workflowEvent), target => Rollout(one, target)))];
        return plans is [var only] ? only
            : new(new JsonArray([.. plans.Select(plan => plan.Action)]), plans.FirstOrDefault(plan => plan.Fault is not null)?.Fault);
    }

    private static RulePlan Create<TPlan>(Planned<TPlan> planned, Func<TPlan, JsonNode?> toJson, Func<TPlan, string?>? problemOf = null)
        where TPlan : class =>
        planned.Plan is { } plan ? new(toJson(plan), problemOf?.Invoke(plan)) : new(null, planned.Fault);

    private static JsonNode? Rollout(DeploymentRule rule, RolloutTarget target) => JsonSerializer.SerializeToNode(
        new DeploymentAction(
            "deployment",
            target.Workspace.ArmId,
            $"{target.Model.Name}:{target.Model.Version}",
            target.Endpoint,
            target.Location,
            target.InstanceType,
            target.InstanceCount,
            rule.Deploy.Autoscale,
            rule.Deploy.AuthMode,
            rule.Strategy is null ? rule.Deploy.Traffic : rule.Strategy.Steps[^1].Traffic,
            target.EnvironmentId,
            target.ComputeId,
            target.Properties,
            rule.Deploy.CodeConfiguration,
            target.Tags,
            rule.Strategy,
            rule.Gate),
        RulePlanJson.Default.DeploymentAction);
}

/// <summary>The plan of a deployment, as people read it.</summary>
internal sealed record DeploymentAction(
    string Kind,
    string WorkspaceId,
    string Model,
    string Endpoint,
    string Location,
    string? InstanceType,
    int InstanceCount,
    Autoscale? Autoscale,
    EndpointAuthMode AuthMode,
    int Traffic,
    string? EnvironmentId,
    string? ComputeId,
    JsonObject? Properties,
    ScoringCode? CodeConfiguration,
    IReadOnlyDictionary<string, string> Tags,
    RolloutStrategy? Strategy,
    ModelGate? Gate);

/// <summary>The JSON contract of plans, as people read them, generated when this library is built.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, UseStringEnumConverter = true)]
[JsonSerializable(typeof(AlertPlan))]
[JsonSerializable(typeof(RetrainingPlan))]
[JsonSerializable(typeof(DeploymentAction))]
internal sealed partial class RulePlanJson : JsonSerializerContext;
