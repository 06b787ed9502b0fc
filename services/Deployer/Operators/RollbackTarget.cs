using MLEvents.AzureML.Endpoints;

namespace MLEvents.Deployer.Operators;

/// <summary>Chooses the deployment that gets the traffic in a roll-back.</summary>
internal static class RollbackTarget
{
    /// <summary>
    /// Chooses the deployment that the request names. If the request names no deployment, the newest of the deployments that have traffic is replaced. The candidates are
    /// the other successful deployments that are not newer than the replaced deployment. The candidate with the largest share of the traffic is chosen, or the newest candidate
    /// if none has traffic.
    /// </summary>
    /// <param name="endpoint">The endpoint.</param>
    /// <param name="deployments">All deployments of the endpoint.</param>
    /// <param name="to">The name from the request; null if the request names no deployment.</param>
    /// <returns>The name of the deployment, or the reason why there is none: no deployment matches, or the choice depends on a creation time that Azure does not return.</returns>
    public static (string? Deployment, string? Fault) Find(OnlineEndpoint endpoint, IReadOnlyList<OnlineDeployment> deployments, string? to)
    {
        if (to is not null)
        {
            return deployments.Any(deployment => deployment.Name == to) ? (to, null) : (null, Describe($"has no deployment '{to}'"));
        }

        var serving = deployments.Where(deployment => Share(deployment) > 0).OrderByDescending(DeploymentTimes.CreatedAt).ToList();
        if (serving is not [var current, ..])
        {
            return (null, Describe("has no earlier deployment"));
        }

        if (serving.Count > 1 && serving.Any(IsUndated))
        {
            return (null, DescribeUndated(serving.Where(IsUndated)));
        }

        var others = deployments.Where(deployment => deployment.Name != current.Name && ProvisioningState.IsSucceeded(deployment.ProvisioningState)).ToList();
        var earlier = others.Where(deployment => deployment.CreatedAt() <= current.CreatedAt()).OrderByDescending(Share).ThenByDescending(DeploymentTimes.CreatedAt).FirstOrDefault();
        if (earlier is not null && (Share(earlier) > 0 || !others.Any(IsUndated)))
        {
            return (earlier.Name, null);
        }

        var undated = others.Append(current).Where(IsUndated).ToList();
        return (null, others.Count == 0 || undated.Count == 0 ? Describe("has no earlier deployment") : DescribeUndated(undated));

        int Share(OnlineDeployment deployment) => endpoint.Traffic.GetValueOrDefault(deployment.Name);

        string Describe(string fault) => $"Endpoint '{endpoint.Name}' {fault}. The deployments of the endpoint are: {Join(deployments)}.";

        string DescribeUndated(IEnumerable<OnlineDeployment> undated) =>
            Describe($"has no known earlier deployment, because Azure does not return when these deployments were created: {Join(undated)}. Set 'to' to the deployment that is to get all traffic");
    }

    private static bool IsUndated(OnlineDeployment deployment) => deployment.CreatedAt() is null;

    private static string Join(IEnumerable<OnlineDeployment> deployments) => string.Join(", ", deployments.Select(deployment => deployment.Name));
}
