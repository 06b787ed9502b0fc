using MLEvents.Rules.Conditions;
using MLEvents.Rules.Rollouts;

namespace MLEvents.Rules;

/// <summary>A rule of <c>deployments.yaml</c>: roll a registered model out to an online endpoint.</summary>
public sealed record DeploymentRule : Rule
{
    /// <summary>The models that the rule is for, already part of <see cref="Rule.When"/>; null for those of any matching event.</summary>
    public ModelMatch? Model { get; init; }

    /// <summary>What the model must be when the roll-out begins, read from Azure at that time; null for nothing.</summary>
    public ModelGate? Gate { get; init; }

    /// <summary>The ARM id of the registry that the model is read from and deployed from; null for the workspace of the deployment.</summary>
    public string? Registry { get; init; }

    /// <summary>Where the model goes, and how.</summary>
    public required ModelRollout Deploy { get; init; }

    /// <summary>Where the model goes besides; empty for one endpoint only.</summary>
    public IReadOnlyList<ModelRollout> Further { get; init; } = [];

    /// <summary>The rule for each of its endpoints.</summary>
    public IEnumerable<DeploymentRule> ForEachEndpoint() => [this, .. Further.Select(deploy => this with { Deploy = deploy })];

    /// <summary>How many roll-outs run or start, in the order in which the limits are asked; empty for no limit.</summary>
    public IReadOnlyList<RunLimit> Limits { get; init; } = [];

    /// <summary>The approval that an action needs; null for none.</summary>
    public RuleApproval? Approval { get; init; }

    /// <summary>How the deployment gets its traffic; null moves it at once, to the share that <see cref="Deploy"/> says.</summary>
    public RolloutStrategy? Strategy { get; init; }
}
