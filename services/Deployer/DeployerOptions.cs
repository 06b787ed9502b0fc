using System.ComponentModel.DataAnnotations;

using Microsoft.Extensions.Options;

using MLEvents.Events;

namespace MLEvents.Deployer;

/// <summary>Settings of the deployer, from the <c>Deployer</c> section.</summary>
public sealed class DeployerOptions
{
    /// <summary>The configuration section's name.</summary>
    public const string Section = "Deployer";

    /// <summary>How often the deployer checks an operation that Azure is executing, 0.05 s to 1 h. Default 15 s. The creation of a deployment takes minutes.</summary>
    [TimeRange("00:00:00.05", "01:00:00")]
    public TimeSpan PollInterval { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>
    /// How long a roll-out may take before its action fails, 1 min to 7 days. Default 4 h. The waits in the endpoint's queue and for an approval do not count. For a roll-out with
    /// a strategy, the limit applies until the first change of the traffic. It also limits a roll-back, and the deletion of deployments that follows a roll-out.
    /// Operations that Azure is still executing are not cancelled.
    /// </summary>
    [TimeRange("00:01:00", "7.00:00:00")]
    public TimeSpan LongestRollout { get; set; } = TimeSpan.FromHours(4);

    /// <summary>How long one update of an endpoint's traffic may take before a roll-out with a strategy fails and restores the traffic, 1 min to 1 day. Default 30 min.</summary>
    [TimeRange("00:01:00", "1.00:00:00")]
    public TimeSpan LongestTrafficMove { get; set; } = TimeSpan.FromMinutes(30);

    /// <summary>How late the metrics of a step may arrive after its bake time, 0 to 1 h. Default 5 min, because Azure Monitor is some minutes late.</summary>
    [TimeRange("00:00:00", "01:00:00")]
    public TimeSpan MetricsDelay { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>
    /// For <c>maxRatio</c>, the deployer also measures the deployment in service. This setting is the time from the start of that measurement to the start of the roll-out, 1 min to 7 days.
    /// Default 1 h. The measurement ends at the same time as the measurement of the new deployment.
    /// </summary>
    [TimeRange("00:01:00", "7.00:00:00")]
    public TimeSpan BaselineTime { get; set; } = TimeSpan.FromHours(1);

    /// <summary>
    /// How long a roll-out with a strategy, a roll-back or a retirement keeps its place in its endpoint's queue without renewing it, 1 min to 7 days. Default 1 h.
    /// Set it longer than the longest outage of all replicas, because another roll-out may take over the endpoint after this time.
    /// </summary>
    [TimeRange("00:01:00", "7.00:00:00")]
    public TimeSpan QueueLease { get; set; } = TimeSpan.FromHours(1);

    /// <summary>
    /// Whether the quota for the instances of a deployment is checked before the deployment is created. Default true.
    /// The check needs the role Reader for the subscription; without it, the check is skipped.
    /// </summary>
    public bool CheckQuota { get; set; } = true;

    /// <summary>How many lines of each container's log an action quotes after a failed deployment or a failed check, 1 to 500. Default 20.</summary>
    [Range(1, 500)]
    public int LogLines { get; set; } = 20;
}

[OptionsValidator]
internal sealed partial class DeployerOptionsValidator : IValidateOptions<DeployerOptions>;
