namespace MLEvents.Deployer.Steps;

/// <summary>The stages of a roll-out, as the activity shows them.</summary>
internal static class Stages
{
    /// <summary>The endpoint is being made.</summary>
    public const string EndpointCreating = "endpoint-creating";

    /// <summary>The deployment is being made.</summary>
    public const string DeploymentCreating = "deployment-creating";

    /// <summary>The deployment is made, and the endpoint takes new shares of traffic.</summary>
    public const string TrafficMoving = "traffic-moving";
}
