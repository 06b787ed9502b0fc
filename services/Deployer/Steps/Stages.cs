using MLEvents.Deployer.Traffic;

namespace MLEvents.Deployer.Steps;

/// <summary>The stages of a roll-out, as activity events report them. Each step of the traffic has its own stages, because an activity event is published once for each stage.</summary>
internal static class Stages
{
    /// <summary>The roll-out is in the queue of its endpoint, and has not begun to work on the endpoint.</summary>
    public const string Queued = "queued";

    /// <summary>The endpoint is being created, or its last update, which failed, is being repeated.</summary>
    public const string EndpointCreating = "endpoint-creating";

    /// <summary>The deployment is being created.</summary>
    public const string DeploymentCreating = "deployment-creating";

    /// <summary>The deployment is created, and its autoscale setting is being written.</summary>
    public const string Autoscaling = "autoscaling";

    /// <summary>The deployment is created, and the endpoint's traffic is being changed. Only roll-outs without a strategy have this stage.</summary>
    public const string TrafficMoving = "traffic-moving";

    /// <summary>The sample requests are sent to the new deployment.</summary>
    public const string Verifying = "verifying";

    /// <summary>The deployment is verified, and the traffic before the first step is being recorded.</summary>
    public const string Verified = "verified";

    /// <summary>The recorded traffic is being restored.</summary>
    public const string TrafficRestoring = "traffic-restoring";

    /// <summary>The deployment of a failed or superseded roll-out is being deleted.</summary>
    public const string DeploymentRemoving = "deployment-removing";

    /// <summary>An operator's roll-back gives a deployment all traffic.</summary>
    public const string RollingBack = "rolling-back";

    /// <summary>Deployments that the rule no longer needs are being deleted.</summary>
    public const string Retiring = "retiring";

    private const string Traffic = "traffic-";
    private const string Mirror = "mirror-";
    private const string Bake = "bake-";

    /// <summary>The stage in which the endpoint's traffic is changed to the traffic of a step.</summary>
    public static string Move(TrafficLevel level) => level.Mirror > 0 ? level.Label : Traffic + level.Label;

    /// <summary>The stage in which the traffic of a step is watched.</summary>
    public static string Watch(TrafficLevel level) => Bake + level.Label;

    /// <summary>Whether the endpoint's traffic is being changed to the traffic of a step.</summary>
    public static bool IsMove(string stage) =>
        stage is not (TrafficMoving or TrafficRestoring) && (stage.StartsWith(Traffic, StringComparison.Ordinal) || stage.StartsWith(Mirror, StringComparison.Ordinal));

    /// <summary>Whether the traffic of a step is being watched.</summary>
    public static bool IsWatch(string stage) => stage.StartsWith(Bake, StringComparison.Ordinal);

    /// <summary>Whether the traffic may differ from the recorded traffic, so that it must be restored before the action ends.</summary>
    public static bool IsExposed(string stage) => IsMove(stage) || IsWatch(stage) || stage == TrafficRestoring;
}
