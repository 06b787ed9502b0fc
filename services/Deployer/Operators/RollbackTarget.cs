using System.Globalization;

using MLEvents.AzureML.Endpoints;

namespace MLEvents.Deployer.Operators;

/// <summary>Chooses the deployment that gets the traffic in a roll-back if the operator does not name one.</summary>
internal static class RollbackTarget
{
    /// <summary>
    /// Chooses among the successful deployments that are not newer than the newest deployment with traffic: the one with the largest share of the traffic, or the newest if none
    /// of them has traffic. Null if there is none.
    /// </summary>
    public static string? Find(OnlineEndpoint endpoint, IReadOnlyList<OnlineDeployment> deployments)
    {
        var current = deployments.Where(deployment => Share(deployment) > 0).OrderByDescending(CreatedAt).FirstOrDefault();
        return current is null ? null : deployments
            .Where(deployment => deployment.Name != current.Name && ProvisioningState.IsSucceeded(deployment.ProvisioningState) && CreatedAt(deployment) <= CreatedAt(current))
            .OrderByDescending(Share).ThenByDescending(CreatedAt)
            .FirstOrDefault()?.Name;

        int Share(OnlineDeployment deployment) => endpoint.Traffic.GetValueOrDefault(deployment.Name);
    }

    private static DateTimeOffset CreatedAt(OnlineDeployment deployment) =>
        deployment.Raw["systemData"]?["createdAt"] is { } created && DateTimeOffset.TryParse(created.ToString(), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)
            ? time
            : DateTimeOffset.MinValue;
}
