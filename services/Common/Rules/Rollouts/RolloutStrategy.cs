using System.Text.Json.Serialization;

namespace MLEvents.Rules.Rollouts;

/// <summary>How a new deployment gets its traffic: verified with sample requests, step by step, watched, and taken back if it does not hold.</summary>
public sealed record RolloutStrategy
{
    /// <summary>The shares of the traffic, in rising order. The last one is the share in the end. Default one step of 100 percent.</summary>
    public IReadOnlyList<RolloutStep> Steps { get; init; } = [new(100, TimeSpan.Zero)];

    /// <summary>The share of the requests that is copied to the new deployment before the first step, 0 to 50 percent; its answers are dropped. Default 0.</summary>
    public int Mirror { get; init; }

    /// <summary>How long the copied requests are watched, 0 to 7 days. Default 0.</summary>
    public TimeSpan MirrorBake { get; init; }

    /// <summary>The sample requests sent to the new deployment before it gets traffic. Default none.</summary>
    public IReadOnlyList<SampleCheck> Verify { get; init; } = [];

    /// <summary>The thresholds that hold while a step bakes. Default none.</summary>
    public IReadOnlyList<MetricThreshold> Metrics { get; init; } = [];

    /// <summary>What happens to the traffic if a check fails. Default <see cref="FailureAction.Rollback"/>.</summary>
    public FailureAction OnFailure { get; init; }

    /// <summary>What happens to a deployment that could not be created or did not pass. Default <see cref="FailedDeploymentAction.Keep"/>.</summary>
    public FailedDeploymentAction FailedDeployment { get; init; }

    /// <summary>How many earlier deployments of the rule without traffic stay, 0 to 20; the others are deleted. Null deletes none.</summary>
    public int? Keep { get; init; }

    /// <summary>How long after the roll-out the other deployments are deleted, 0 to 90 days. Default 0.</summary>
    public TimeSpan RetireAfter { get; init; }
}

/// <summary>A share of the traffic, held for a time.</summary>
/// <param name="Traffic">The new deployment's share, 1 to 100 percent.</param>
/// <param name="Bake">How long the share holds before the next step, 0 to 7 days.</param>
public sealed record RolloutStep(int Traffic, TimeSpan Bake);

/// <summary>What happens to the traffic of a roll-out that failed.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<FailureAction>))]
public enum FailureAction
{
    /// <summary>The traffic becomes what it was before the roll-out.</summary>
    Rollback,

    /// <summary>The traffic stays as it is, for an operator to decide.</summary>
    Hold,
}

/// <summary>What happens to the deployment of a roll-out that failed.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<FailedDeploymentAction>))]
public enum FailedDeploymentAction
{
    /// <summary>It stays without traffic, for an operator to look at; Azure charges for its machines.</summary>
    Keep,

    /// <summary>It is deleted when it has no traffic.</summary>
    Delete,
}
