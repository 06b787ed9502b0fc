using System.Globalization;

using Microsoft.Extensions.Options;

using MLEvents.AzureML.Endpoints;
using MLEvents.AzureML.Errors;
using MLEvents.AzureML.Quotas;
using MLEvents.Ledger;
using MLEvents.Rules.Plans;

namespace MLEvents.Deployer.Steps;

/// <summary>
/// Checks the subscription's quota for the instances of a deployment before the deployment is created. Azure's lists do not contain every machine size and family.
/// For a size or family that is not in the lists, only Azure checks the quota, when it creates the deployment.
/// </summary>
internal sealed partial class MachineQuotaCheck(IMachineQuotas quotas, IOptions<DeployerOptions> options, ILogger<MachineQuotaCheck> logger)
{
    /// <summary>Checks the names of the region and of the instance type, and the quota of the instance family.</summary>
    /// <param name="plan">The roll-out.</param>
    /// <param name="endpoint">The endpoint; null if it does not exist yet.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>The result that ends the action; null if the names are valid and the quota is sufficient, unknown or not checked.</returns>
    public async Task<StepResult?> CheckAsync(RolloutPlan plan, OnlineEndpoint? endpoint, CancellationToken cancellationToken)
    {
        if (plan.IsOnKubernetes || plan.InstanceType is not { } type)
        {
            return null;
        }

        var location = endpoint is { Location.Length: > 0 } ? endpoint.Location : plan.Location;
        if (!RolloutTarget.IsLocation(location))
        {
            return new Failed { Detail = $"deploy.location '{location}' is not the name of an Azure region, such as westeurope. Correct the rule, and retry the action with --current-rules" };
        }

        if (type.Length is 0 or > 64 || !type.All(character => char.IsAsciiLetterOrDigit(character) || character is '_' or '-'))
        {
            return new Failed { Detail = $"deploy.instanceType '{type}' is not the name of a machine size, such as Standard_DS3_v2. Correct the rule, and retry the action with --current-rules" };
        }

        return options.Value.CheckQuota ? await FindFaultAsync(plan, location, type, cancellationToken) : null;
    }

    private async Task<StepResult?> FindFaultAsync(RolloutPlan plan, string location, string type, CancellationToken cancellationToken)
    {
        try
        {
            return await CompareAsync(plan, location, type, cancellationToken);
        }
        catch (AzureException exception)
        {
            // The lists belong to the subscription, but the identity may have rights only in the workspace. Azure checks the quota when it creates the deployment.
            LogUnknown(plan.Endpoint, exception.ToText());
            return null;
        }
    }

    // The list contains the sizes for compute clusters and compute instances. Online deployments may also use other sizes.
    private async Task<StepResult?> CompareAsync(RolloutPlan plan, string location, string type, CancellationToken cancellationToken)
    {
        var sizes = await quotas.ListSizesAsync(plan.Workspace, location, cancellationToken);
        if (sizes.FirstOrDefault(size => size.Name.Equals(type, StringComparison.OrdinalIgnoreCase)) is { Cores: > 0 } size)
        {
            return await quotas.FindUsageAsync(plan.Workspace, location, size.Family, cancellationToken) is { } usage ? Compare(plan, location, size, usage) : null;
        }

        LogUnlisted(plan.Endpoint, type, location);
        return null;
    }

    private static Failed? Compare(RolloutPlan plan, string location, MachineSize size, CoreUsage usage)
    {
        var (needed, left) = ((long)size.Cores * plan.InstanceCount, usage.Limit - usage.Used);
        return needed <= left ? null : new Failed
        {
            Detail = string.Create(CultureInfo.InvariantCulture, $"{plan.InstanceCount} × {size.Name} need {needed} cores, but quota '{usage.Name}' in {location} has {Math.Max(0, left)} of {usage.Limit} left. {EndpointCapacity.DescribeQuotaFix(plan, location)}"),
        };
    }

    [LoggerMessage(1, LogLevel.Information, "The quota for the machines of endpoint {Endpoint} is not checked before its deployment is created: {Reason}. The role Reader for the subscription allows the check, and Deployer:CheckQuota=false turns it off")]
    private partial void LogUnknown(string endpoint, string reason);

    [LoggerMessage(2, LogLevel.Information, "The quota for the machines of endpoint {Endpoint} is not checked before its deployment is created: the list of machine sizes of {Location} does not name {InstanceType}")]
    private partial void LogUnlisted(string endpoint, string instanceType, string location);
}
