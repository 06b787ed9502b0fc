using System.Globalization;

using MLEvents.AzureML.Endpoints;

namespace MLEvents.Deployer;

/// <summary>Reads times of deployments from the resources that Azure returns.</summary>
internal static class DeploymentTimes
{
    /// <summary>When a deployment was created; null if Azure does not return a valid time.</summary>
    public static DateTimeOffset? CreatedAt(this OnlineDeployment deployment) =>
        deployment.Raw["systemData"]?["createdAt"] is { } created && DateTimeOffset.TryParse(created.ToString(), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)
            ? time
            : null;
}
