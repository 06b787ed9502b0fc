using System.Globalization;

using MLEvents.AzureML.Endpoints;
using MLEvents.AzureML.Errors;
using MLEvents.Ledger;

namespace MLEvents.Deployer.Steps;

/// <summary>Checks whether an endpoint has room for another deployment, and describes how to fix a missing quota or a refused deployment.</summary>
internal static class EndpointCapacity
{
    // Azure's limit for the deployments of an online endpoint.
    private const int MaxDeployments = 20;

    private static readonly string[] QuotaCodes = ["OutOfQuota", "QuotaExceeded", "OutOfCapacity", "NotEnoughResources"];

    /// <summary>Checks the number of deployments.</summary>
    /// <returns>The result that ends the action; null if there is room.</returns>
    public static StepResult? FindFault(RolloutPlan plan, IReadOnlyList<OnlineDeployment> deployments) => deployments.Count < MaxDeployments
        ? null
        : new Failed
        {
            Detail = string.Create(CultureInfo.InvariantCulture, $"endpoint {plan.Endpoint} has {deployments.Count} deployments, and Azure allows {MaxDeployments}. Delete deployments without traffic (az ml online-deployment delete), or let the rule delete them (strategy.keep). Then retry the action"),
        };

    /// <summary>Describes how to fix a missing quota.</summary>
    public static string DescribeQuotaFix(RolloutPlan plan, string location) =>
        $"Request quota for the family of {plan.InstanceType} in {location} (studio, Quota), or set another deploy.instanceType or a smaller deploy.instanceCount ({plan.InstanceCount}), and retry the action";

    /// <summary>Describes how to fix a refused deployment; null if no fix is known.</summary>
    /// <param name="exception">The refusal.</param>
    /// <param name="plan">The roll-out.</param>
    /// <param name="location">The region of the endpoint, which may differ from the region in the rule.</param>
    public static string? FindFix(AzureException exception, RolloutPlan plan, string location) =>
        QuotaCodes.Contains(exception.Code, StringComparer.OrdinalIgnoreCase) ? DescribeQuotaFix(plan, location)
        : exception.Status == 400 && Mentions(exception, "instanceType", "instance type", "SKU") ? $"Set a deploy.instanceType that online deployments support in {location} (az ml compute list-sizes --location {location}), and retry the action"
        : null;

    private static bool Mentions(AzureException exception, params ReadOnlySpan<string> words)
    {
        foreach (var word in words)
        {
            if (exception.Message.Contains(word, StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return false;
    }
}
