using System.Text.Json.Nodes;

namespace MLEvents.Rules.Deployments;

/// <summary>The settings of an online deployment from a deployment file.</summary>
/// <param name="Properties">
/// The properties of <c>OnlineDeployments_CreateOrUpdate</c> without the model. Ids of resources in the deployment's own workspace are written with
/// <see cref="Jobs.WorkspaceReference"/>, because the workspace is not known yet.
/// </param>
internal sealed record DeploymentDefinition(JsonObject Properties)
{
    /// <summary>The type of deployments that run on the user's Kubernetes cluster.</summary>
    public const string Kubernetes = "Kubernetes";

    /// <summary>The number of instances; null if the file does not say.</summary>
    public int? InstanceCount { get; init; }

    /// <summary>The tags of the deployment.</summary>
    public IReadOnlyDictionary<string, string> Tags { get; init; } = new Dictionary<string, string>();

    /// <summary>The instance type; null if the file does not say.</summary>
    public string? InstanceType => (string?)Properties["instanceType"];

    /// <summary>Whether Azure ML itself changes the number of instances by their utilization.</summary>
    public bool IsScaledByUtilization => (string?)Properties["scaleSettings"]?["scaleType"] == "TargetUtilization";

    /// <summary>Whether the deployment runs on the user's Kubernetes cluster.</summary>
    public bool IsKubernetes => (string?)Properties["endpointComputeType"] == Kubernetes;
}
