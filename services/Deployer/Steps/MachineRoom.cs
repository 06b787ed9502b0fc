using System.Globalization;

using MLEvents.AzureML.Endpoints;
using MLEvents.AzureML.Errors;
using MLEvents.AzureML.Quotas;
using MLEvents.Ledger;

namespace MLEvents.Deployer.Steps;

/// <summary>Whether the region has the machines of a deployment, and the subscription the quota for them, before anything is built.</summary>
internal sealed partial class MachineRoom(IMachineQuotas quotas, ILogger<MachineRoom> logger)
{
    private const int Suggestions = 5;

    /// <summary>Checks the size of the machines and the quota of their family.</summary>
    /// <param name="plan">The roll-out.</param>
    /// <param name="endpoint">The endpoint; null if it does not exist yet.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>The end of the action; null if there is room, or Azure does not tell.</returns>
    public async Task<StepResult?> CheckAsync(RolloutPlan plan, OnlineEndpoint? endpoint, CancellationToken cancellationToken)
    {
        if (plan.IsOnKubernetes || plan.InstanceType is not { } type)
        {
            return null;
        }

        var location = endpoint is { Location.Length: > 0 } ? endpoint.Location : plan.Location;
        if (location.Length is 0 or > 64 || !location.All(character => char.IsAsciiLetterOrDigit(character) || character == ' '))
        {
            return new Failed { Detail = $"deploy.location '{location}' is not the name of an Azure region, such as westeurope. Correct the rule, and retry the action with --current-rules" };
        }

        try
        {
            return await CheckAsync(plan, location, type, cancellationToken);
        }
        catch (AzureException exception) when (exception.Status is 401 or 403)
        {
            // The lists belong to the subscription, and the identity may have rights in the workspace only. Azure itself refuses the deployment then.
            LogUnknown(plan.Endpoint, exception.ToText());
            return null;
        }
    }

    private async Task<StepResult?> CheckAsync(RolloutPlan plan, string location, string type, CancellationToken cancellationToken)
    {
        var sizes = await quotas.ListSizesAsync(plan.Workspace, location, cancellationToken);
        if (sizes.Count == 0)
        {
            return null;
        }

        if (sizes.FirstOrDefault(size => size.Name.Equals(type, StringComparison.OrdinalIgnoreCase)) is not { } size)
        {
            var similar = string.Join(", ", sizes.Select(one => one.Name).Where(name => name.StartsWith(type[..Math.Min(type.Length, "Standard_D".Length)], StringComparison.OrdinalIgnoreCase)).Take(Suggestions));
            return new Failed { Detail = $"deploy.instanceType '{type}' is not offered in {location}{(similar.Length == 0 ? "" : $"; there are: {similar}")}. Set another one (az ml compute list-sizes --location {location}), and retry the action" };
        }

        return size.Cores > 0 && await quotas.FindUsageAsync(plan.Workspace, location, size.Family, cancellationToken) is { } usage ? Compare(plan, location, size, usage) : null;
    }

    private static Failed? Compare(RolloutPlan plan, string location, MachineSize size, CoreUsage usage)
    {
        var (needed, left) = ((long)size.Cores * plan.InstanceCount, usage.Limit - usage.Used);
        return needed <= left ? null : new Failed
        {
            Detail = string.Create(CultureInfo.InvariantCulture, $"{plan.InstanceCount} × {size.Name} need {needed} cores, and {Math.Max(0, left)} of {usage.Limit} of the quota '{usage.Name}' are left in {location}. {DeploymentRoom.DescribeQuotaFix(plan, location)}"),
        };
    }

    [LoggerMessage(1, LogLevel.Information, "The machines and quotas for endpoint {Endpoint} are not checked before its deployment is created: {Reason}. The role Reader for the subscription allows it")]
    private partial void LogUnknown(string endpoint, string reason);
}
