using MLEvents.Rules.Conditions;
using MLEvents.Rules.Rollouts;

namespace MLEvents.Rules;

/// <summary>A rule of <c>deployments.yaml</c>: roll a registered model out to an online endpoint.</summary>
public sealed record DeploymentRule : Rule
{
    /// <summary>The models of the rule. <see cref="Rule.When"/> already contains this condition. Null for the model of any matching event.</summary>
    public ModelMatch? Model { get; init; }

    /// <summary>The conditions on the model as Azure returns it when the roll-out begins; null for none.</summary>
    public ModelGate? Gate { get; init; }

    /// <summary>The ARM id of the registry that holds the model; null for the workspace of the deployment.</summary>
    public string? Registry { get; init; }

    /// <summary>The endpoint and the settings of its deployment.</summary>
    public required ModelRollout Deploy { get; init; }

    /// <summary>Further endpoints; empty for one endpoint only.</summary>
    public IReadOnlyList<ModelRollout> Further { get; init; } = [];

    /// <summary>Copies of the rule, one for each of its endpoints.</summary>
    public IEnumerable<DeploymentRule> ForEachEndpoint() => [this, .. Further.Select(deploy => this with { Deploy = deploy })];

    /// <summary>The limits on running and starting roll-outs, in the order in which they are checked; empty for no limit.</summary>
    public IReadOnlyList<RunLimit> Limits { get; init; } = [];

    /// <summary>The approval that an action needs; null for none.</summary>
    public RuleApproval? Approval { get; init; }

    /// <summary>The strategy for the deployment's traffic; null moves the traffic at once, to the share in <see cref="Deploy"/>.</summary>
    public RolloutStrategy? Strategy { get; init; }
}
