using MLEvents.AzureML.Endpoints;
using MLEvents.AzureML.Models;

namespace MLEvents.Deployer.Operators;

/// <summary>An endpoint as <c>GET /deployments</c> shows it.</summary>
/// <param name="Endpoint">The endpoint's name.</param>
/// <param name="Workspace">ARM id of the workspace.</param>
/// <param name="State">The provisioning state of the endpoint.</param>
/// <param name="Deployments">The deployments of the endpoint, sorted by their share of the traffic, the largest share first.</param>
internal sealed record EndpointView(string Endpoint, string Workspace, string State, IReadOnlyList<DeploymentView> Deployments)
{
    /// <summary>Describes an endpoint.</summary>
    public static EndpointView From(string workspace, OnlineEndpoint endpoint, IReadOnlyList<OnlineDeployment> deployments) =>
        new(endpoint.Name, workspace, endpoint.ProvisioningState, [.. deployments.Select(deployment => DeploymentView.From(endpoint, deployment)).OrderByDescending(deployment => deployment.Traffic).ThenBy(deployment => deployment.Name, StringComparer.Ordinal)]);
}

/// <summary>A deployment of an endpoint.</summary>
/// <param name="Name">The deployment's name.</param>
/// <param name="Model">The name of the model that the deployment serves; null if the model id contains no name.</param>
/// <param name="Version">The version of the model; null if the model id contains no version.</param>
/// <param name="Traffic">The deployment's share of the traffic, 0 to 100 percent.</param>
/// <param name="Mirror">The share of the traffic that is copied to the deployment, 0 to 50 percent.</param>
/// <param name="State">The deployment's provisioning state.</param>
internal sealed record DeploymentView(string Name, string? Model, string? Version, int Traffic, int Mirror, string State)
{
    public static DeploymentView From(OnlineEndpoint endpoint, OnlineDeployment deployment)
    {
        var model = ModelReference.Parse(deployment.ModelId);
        return new(deployment.Name, model?.Name, model?.Version, endpoint.Traffic.GetValueOrDefault(deployment.Name), endpoint.MirrorTraffic.GetValueOrDefault(deployment.Name), deployment.ProvisioningState);
    }
}
