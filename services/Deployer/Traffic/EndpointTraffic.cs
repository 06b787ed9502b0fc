using System.Text.Json.Nodes;

using MLEvents.AzureML.Endpoints;

namespace MLEvents.Deployer.Traffic;

/// <summary>The traffic of an endpoint, with the requests that Azure copies to a deployment.</summary>
internal sealed class EndpointTraffic(IOnlineEndpoints endpoints)
{
    /// <summary>The percentage of the requests that is copied to a deployment.</summary>
    public static int MirrorOf(OnlineEndpoint endpoint, string deployment) =>
        endpoint.Raw["properties"]?["mirrorTraffic"]?[deployment] is JsonValue value && value.TryGetValue<int>(out var percent) ? percent : 0;

    /// <summary>Whether an endpoint has the traffic of a rung.</summary>
    public static bool Has(OnlineEndpoint endpoint, string deployment, Rung rung) =>
        TrafficLadder.AreEqual(endpoint.Traffic, rung.Traffic) && MirrorOf(endpoint, deployment) == rung.Mirror;

    /// <summary>Reads the endpoint.</summary>
    public Task<OnlineEndpoint?> FindAsync(RolloutPlan plan, CancellationToken cancellationToken) => endpoints.GetAsync(plan.Workspace, plan.Endpoint, cancellationToken);

    /// <summary>Begins to set the traffic, and what is copied to the new deployment.</summary>
    public Task BeginSetAsync(RolloutPlan plan, IReadOnlyDictionary<string, int> traffic, int mirror, CancellationToken cancellationToken) =>
        endpoints.BeginSetTrafficAsync(plan.Workspace, plan.Endpoint, traffic, cancellationToken);

    /// <summary>Begins to repeat the last update: the endpoint is put back as it is.</summary>
    public Task BeginRepairAsync(RolloutPlan plan, OnlineEndpoint endpoint, CancellationToken cancellationToken) =>
        endpoints.BeginSetTrafficAsync(plan.Workspace, plan.Endpoint, endpoint.Traffic, cancellationToken);
}
