using Azure.Core;

using MLEvents.AzureML.Errors;

namespace MLEvents.AzureML.Tracking;

/// <summary>The metrics that runs logged to the MLflow tracking server of their workspace.</summary>
public interface IRunMetrics
{
    /// <summary>Reads the last value of each metric of a run, by name. Values that are not finite numbers are left out.</summary>
    /// <param name="workspace">ARM id of the workspace.</param>
    /// <param name="run">The run's id, which is the name of its job.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>The metrics, possibly none; <see langword="null"/> if the run does not exist or the workspace names no tracking server.</returns>
    /// <exception cref="AzureException">
    /// The tracking server's host is not allowed (<see cref="AzureException.NotAllowedCode"/>), or Azure refused a call or was not reachable.
    /// </exception>
    Task<IReadOnlyDictionary<string, double>?> ReadAsync(ResourceIdentifier workspace, string run, CancellationToken cancellationToken);
}
