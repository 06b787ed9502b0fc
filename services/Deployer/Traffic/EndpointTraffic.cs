using MLEvents.AzureML.Endpoints;

namespace MLEvents.Deployer.Traffic;

/// <summary>Reads and sets the traffic of an endpoint, including its mirrored traffic: the requests that Azure copies to a deployment.</summary>
internal sealed class EndpointTraffic(IOnlineEndpoints endpoints)
{
    /// <summary>The percentage of the requests that is copied to a deployment.</summary>
    public static int MirrorOf(OnlineEndpoint endpoint, string deployment) => endpoint.MirrorTraffic.GetValueOrDefault(deployment);

    /// <summary>Whether an endpoint has the traffic of a step.</summary>
    public static bool Has(OnlineEndpoint endpoint, string deployment, TrafficLevel level) =>
        TrafficSchedule.AreEqual(endpoint.Traffic, level.Traffic) && MirrorOf(endpoint, deployment) == level.Mirror;

    /// <summary>Reads the endpoint; null if it does not exist.</summary>
    public Task<OnlineEndpoint?> FindAsync(RolloutPlan plan, CancellationToken cancellationToken) => endpoints.GetAsync(plan.Workspace, plan.Endpoint, cancellationToken);

    /// <summary>
    /// Starts to set the traffic, and the mirrored traffic of the new deployment. Azure mirrors to only one deployment, so the mirrored traffic of another deployment stays only if the
    /// new deployment gets no mirrored traffic.
    /// </summary>
    public Task BeginSetAsync(RolloutPlan plan, OnlineEndpoint endpoint, IReadOnlyDictionary<string, int> traffic, int mirror, CancellationToken cancellationToken)
    {
        var copies = mirror > 0 ? new Dictionary<string, int> { [plan.Deployment] = mirror } : endpoint.MirrorTraffic.Where(copy => copy.Key != plan.Deployment).ToDictionary();
        return endpoints.BeginSetTrafficAsync(plan.Workspace, plan.Endpoint, traffic, copies, cancellationToken);
    }

    /// <summary>Starts an update that sets the current traffic of an endpoint again. It repairs an endpoint whose last update failed.</summary>
    public Task BeginRepairAsync(RolloutPlan plan, OnlineEndpoint endpoint, CancellationToken cancellationToken) =>
        endpoints.BeginSetTrafficAsync(plan.Workspace, plan.Endpoint, TrafficShares.NonZero(endpoint.Traffic), cancellationToken);
}
