using Azure.Core;

using MLEvents.AzureML.Errors;

namespace MLEvents.AzureML.Tracking;

/// <summary>The metrics that runs logged to the MLflow tracking server of their workspace.</summary>
public interface IRunMetrics
{
    /// <summary>Reads the last value of each metric of a run, by name; values that are no finite numbers are left out.</summary>
    /// <param name="workspace">ARM id of the workspace.</param>
    /// <param name="run">The run's id, which is the name of its job.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>The metrics, possibly none; <see langword="null"/> when there is no such run or the workspace names no tracking server.</returns>
    /// <exception cref="AzureException">
    /// The tracking server's host is not allowed (<see cref="AzureException.NotAllowedCode"/>), Azure refused a call, or could not be reached.
    /// </exception>
    Task<IReadOnlyDictionary<string, double>?> ReadAsync(ResourceIdentifier workspace, string run, CancellationToken cancellationToken);
}
