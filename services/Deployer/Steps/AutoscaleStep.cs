using System.Net;

using MLEvents.AzureML.Endpoints;
using MLEvents.AzureML.Errors;
using MLEvents.AzureML.Scaling;
using MLEvents.AzureSteps;
using MLEvents.Events;
using MLEvents.Ledger;
using MLEvents.Rules.Rollouts;

namespace MLEvents.Deployer.Steps;

/// <summary>
/// Writes the autoscale setting of the new deployment before the deployment is verified or gets traffic. Deletes the setting of a deployment before the
/// deployment is deleted.
/// </summary>
internal sealed partial class AutoscaleStep(IOnlineEndpoints endpoints, IAutoscaleSettings settings, RolloutEnding ending, ILogger<AutoscaleStep> logger)
{
    private const string UndeletedKey = "autoscaleUndeleted";
    private const string RefusalKey = "autoscaleRefusal";

    public async Task<StepResult> StepAsync(ActionRecord record, RolloutPlan plan, CancellationToken cancellationToken)
    {
        if (plan.Autoscale is not { } autoscale)
        {
            return DeploymentStep.Ready(plan, $"deployment {plan.Deployment} is ready");
        }

        if (await endpoints.GetAsync(plan.Workspace, plan.Endpoint, cancellationToken) is not { } endpoint)
        {
            return new Failed { Detail = $"endpoint {plan.Endpoint} was deleted" };
        }

        try
        {
            // A repeated step writes the same setting again.
            await settings.SetAsync(plan.Workspace, plan.Endpoint, plan.Deployment, SpecOf(record, autoscale, endpoint.Location.Length > 0 ? endpoint.Location : plan.Location), cancellationToken);
        }
        catch (AzureException exception) when (!exception.IsCredentialRefused && !AzureStep.IsRetried(exception))
        {
            var reason = $"the autoscale setting of deployment {plan.Deployment} could not be written; the traffic is unchanged: {exception.ToText()}";
            return plan.Strategy is null ? new Failed { Detail = reason } : ending.FailBeforeTraffic(plan, reason);
        }

        return DeploymentStep.Ready(plan, $"deployment {plan.Deployment} is ready, and scales from {autoscale}");
    }

    /// <summary>Deletes the setting of a deployment that is about to be deleted, if the rule of the action wrote one. Any other setting stays.</summary>
    /// <remarks>
    /// Without the role for autoscale settings, the setting stays, and the deployment is still deleted. The role is optional and may have been removed. A setting without
    /// its deployment has no effect, but only a person can delete it, so the detail of the action names the deployment (<see cref="DescribeKept"/>).
    /// </remarks>
    /// <returns>
    /// Null if the deployment can be deleted now. If Azure refused to delete the setting: the state to store before the deployment is deleted, so that a crash does not lose the name of
    /// the deployment.
    /// </returns>
    public async Task<IReadOnlyDictionary<string, string>?> RemoveAsync(ActionRecord record, RolloutPlan plan, OnlineDeployment deployment, CancellationToken cancellationToken)
    {
        var kept = record.State.TryGetValue(UndeletedKey, out var names) ? names.Split(", ") : [];

        // A deployment without the tag has no setting that a rule wrote, so the step makes no call that needs the role for autoscale settings.
        if (!deployment.Tags.ContainsKey(Correlation.AutoscaleTag) || kept.Contains(deployment.Name))
        {
            return null;
        }

        try
        {
            if (await settings.FindAsync(plan.Workspace, plan.Endpoint, deployment.Name, cancellationToken) is { } setting && setting.Tags.GetValueOrDefault(Correlation.RuleTag) == record.Rule)
            {
                await settings.DeleteAsync(plan.Workspace, plan.Endpoint, deployment.Name, cancellationToken);
            }

            return null;
        }
        catch (AzureException exception) when (exception.Status == (int)HttpStatusCode.Forbidden)
        {
            LogSettingStays(plan.Endpoint, deployment.Name, exception.Message);
            return new Dictionary<string, string>
            {
                [UndeletedKey] = string.Join(", ", kept.Append(deployment.Name)),
                [RefusalKey] = Redaction.Bound(exception.ToText()) ?? "",
            };
        }
    }

    /// <summary>Names the deployments whose autoscale settings Azure refused to delete, as the end of a detail; empty if there are none.</summary>
    public static string DescribeKept(ActionRecord record) => record.State.TryGetValue(UndeletedKey, out var names)
        ? $"; the autoscale settings of {names} stay and must be deleted manually, because Azure refused their deletion: {record.State.GetValueOrDefault(RefusalKey)}"
        : "";

    private static AutoscaleSpec SpecOf(ActionRecord record, Autoscale autoscale, string location) => new(
        location,
        autoscale.Min,
        autoscale.Max,
        autoscale.Default,
        [.. autoscale.Rules.Select(rule => new AutoscaleTrigger(rule.Metric, rule.Threshold, rule.Change, rule.Window, rule.Cooldown))],
        record.ToTags());

    [LoggerMessage(1, LogLevel.Warning, "The autoscale setting of deployment {Deployment} of endpoint {Endpoint} stays, because Azure refused to delete it: {Reason}")]
    private partial void LogSettingStays(string endpoint, string deployment, string reason);
}
