using Azure.Core;

using MLEvents.AzureML.Errors;

namespace MLEvents.AzureML.Scaling;

/// <summary>
/// The autoscale settings of Azure Monitor for online deployments (the <c>AutoscaleSettings_*</c> operations). Each deployment has at most one setting.
/// The setting is in the resource group of the deployment's workspace, and its name follows from the ARM id of the deployment.
/// </summary>
public interface IAutoscaleSettings
{
    /// <summary>Reads the setting of a deployment; <see langword="null"/> when there is none.</summary>
    /// <param name="workspace">ARM id of the workspace.</param>
    /// <param name="endpoint">The endpoint.</param>
    /// <param name="deployment">The deployment, which may be deleted already.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <exception cref="AzureException">Azure refused the call or was not reachable.</exception>
    Task<AutoscaleSetting?> FindAsync(ResourceIdentifier workspace, string endpoint, string deployment, CancellationToken cancellationToken);

    /// <summary>Creates the setting of a deployment, or replaces it. A repeated call with the same content changes nothing.</summary>
    /// <param name="workspace">ARM id of the workspace.</param>
    /// <param name="endpoint">The endpoint.</param>
    /// <param name="deployment">The deployment.</param>
    /// <param name="spec">The content of the setting.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <exception cref="AzureException">Azure refused the call or was not reachable.</exception>
    Task SetAsync(ResourceIdentifier workspace, string endpoint, string deployment, AutoscaleSpec spec, CancellationToken cancellationToken);

    /// <summary>Deletes the setting of a deployment. A setting that does not exist is not an error.</summary>
    /// <param name="workspace">ARM id of the workspace.</param>
    /// <param name="endpoint">The endpoint.</param>
    /// <param name="deployment">The deployment, which may be deleted already.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <exception cref="AzureException">Azure refused the call or was not reachable.</exception>
    Task DeleteAsync(ResourceIdentifier workspace, string endpoint, string deployment, CancellationToken cancellationToken);
}

/// <summary>An autoscale setting as Azure Monitor reports it.</summary>
/// <param name="Name">The setting's name.</param>
/// <param name="Tags">The setting's tags, possibly empty.</param>
public sealed record AutoscaleSetting(string Name, IReadOnlyDictionary<string, string> Tags);

/// <summary>The content of an autoscale setting to create or replace.</summary>
/// <param name="Location">The region of the deployment.</param>
/// <param name="Min">The smallest number of instances, at least 1.</param>
/// <param name="Max">The largest number of instances, at least <paramref name="Min"/>.</param>
/// <param name="Default">
/// The number of instances that Azure Monitor sets while it has no metrics and fewer instances run. From <paramref name="Min"/> to <paramref name="Max"/>.
/// </param>
/// <param name="Triggers">The 1 to 10 triggers that change the number of instances.</param>
/// <param name="Tags">Tags of the setting; none by default.</param>
public sealed record AutoscaleSpec(
    string Location, int Min, int Max, int Default, IReadOnlyList<AutoscaleTrigger> Triggers, IReadOnlyDictionary<string, string>? Tags = null);

/// <summary>Changes the number of instances while the average of a metric of the deployment is beyond a threshold.</summary>
/// <param name="Metric">The metric's name in the REST API, for example <c>CpuUtilizationPercentage</c>.</param>
/// <param name="Threshold">The threshold, in the metric's unit.</param>
/// <param name="Change">The change, not 0: positive for more instances above the threshold, negative for fewer instances below it.</param>
/// <param name="Window">The time over which the metric is averaged, 5 minutes to 12 hours.</param>
/// <param name="Cooldown">The time after a change during which this trigger changes nothing, 1 minute to 7 days.</param>
public sealed record AutoscaleTrigger(string Metric, double Threshold, int Change, TimeSpan Window, TimeSpan Cooldown);
