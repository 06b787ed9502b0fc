using System.Text.Json.Serialization;

namespace MLEvents.Rules.Rollouts;

/// <summary>The strategy for a new deployment's traffic: verify it with sample requests, raise its share step by step, watch its metrics, and roll back after a failure.</summary>
/// <remarks>If the stored JSON lacks a member, the generated JSON code sets the member to null or 0. A member with another default therefore turns null or 0 into its default.</remarks>
public sealed record RolloutStrategy
{
    /// <summary>The shares of the traffic, in rising order. The last one is the final share. Default: one step of 100 percent.</summary>
    public IReadOnlyList<RolloutStep> Steps { get; init => field = value ?? [new(100, TimeSpan.Zero)]; } = [new(100, TimeSpan.Zero)];

    /// <summary>The share of the requests that is copied to the new deployment before the first step, 0 to 50 percent. Azure discards the responses to the copies. Default 0.</summary>
    public int Mirror { get; init; }

    /// <summary>How long the copied requests are watched, 0 to 7 days. Default 0.</summary>
    public TimeSpan MirrorBake { get; init; }

    /// <summary>The sample requests sent to the new deployment before it gets traffic. Default none.</summary>
    public IReadOnlyList<SampleCheck> Verify { get; init => field = value ?? []; } = [];

    /// <summary>The thresholds that the metrics of the new deployment must meet while a step bakes. Default none.</summary>
    public IReadOnlyList<MetricThreshold> Metrics { get; init => field = value ?? []; } = [];

    /// <summary>The handling of the traffic if a check fails. Default <see cref="FailureAction.Rollback"/>.</summary>
    public FailureAction OnFailure { get; init; }

    /// <summary>The handling of a deployment that could not be created or did not pass its checks. Default <see cref="FailedDeploymentAction.Keep"/>.</summary>
    public FailedDeploymentAction FailedDeployment { get; init; }

    /// <summary>How many of the rule's earlier deployments without traffic are kept, 0 to 20. The others are deleted. Null keeps all of them.</summary>
    public int? Keep { get; init; }

    /// <summary>The time from the roll-out until the deployments beyond <see cref="Keep"/> are deleted, 0 to 90 days. Default 0.</summary>
    public TimeSpan RetireAfter { get; init; }
}

/// <summary>A share of the traffic that is held for a time.</summary>
/// <param name="Traffic">The new deployment's share, 1 to 100 percent.</param>
/// <param name="Bake">How long the share holds before the next step, 0 to 7 days.</param>
public sealed record RolloutStep(int Traffic, TimeSpan Bake);

/// <summary>The handling of the traffic after a failed roll-out.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<FailureAction>))]
public enum FailureAction
{
    /// <summary>The traffic returns to the shares that it had before the roll-out.</summary>
    Rollback,

    /// <summary>The traffic stays as it is, for an operator to decide.</summary>
    Hold,
}

/// <summary>The handling of the deployment after a failed roll-out.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<FailedDeploymentAction>))]
public enum FailedDeploymentAction
{
    /// <summary>The deployment stays without traffic, so that an operator can inspect it. Azure charges for its instances.</summary>
    Keep,

    /// <summary>The deployment is deleted when it has no traffic.</summary>
    Delete,
}
