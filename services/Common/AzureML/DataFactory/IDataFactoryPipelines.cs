using System.Text.Json.Nodes;

using Azure.Core;

using MLEvents.AzureML.Errors;

namespace MLEvents.AzureML.DataFactory;

/// <summary>Pipelines of an Azure Data Factory and their runs.</summary>
public interface IDataFactoryPipelines
{
    /// <summary>
    /// Starts a run and returns its id. There is no idempotency key, and a second call starts a second run. The call is therefore repeated only after an
    /// answer that says that nothing was done (429, or 503 with Retry-After). Pass a unique id, such as the action's, as a parameter of the pipeline.
    /// After any other failure, or after the process ended during the call, search with <see cref="FindRunAsync"/> before the next call.
    /// </summary>
    /// <param name="pipeline">ARM id of the pipeline (<c>…/factories/{factory}/pipelines/{name}</c>).</param>
    /// <param name="parameters">Values of the pipeline's parameters, each of the type that the pipeline declares.</param>
    /// <param name="rerunOf">
    /// The id of a failed run. The new run starts at the failed activity and uses the parameters of the failed run. <see langword="null"/> starts a run from the beginning.
    /// </param>
    /// <param name="cancellationToken">Cancels the call. Azure may already have started the run.</param>
    /// <exception cref="AzureException">
    /// Azure refused the call, was not reachable or did not answer. Unless <see cref="AzureException.Status"/> shows that nothing was done, the run may have been started.
    /// </exception>
    Task<string> CreateRunAsync(ResourceIdentifier pipeline, JsonObject parameters, string? rerunOf, CancellationToken cancellationToken);

    /// <summary>Reads the names and types of the parameters that a pipeline declares; <see langword="null"/> if the pipeline does not exist.</summary>
    /// <exception cref="AzureException">Azure refused the call or was not reachable.</exception>
    Task<IReadOnlyDictionary<string, string>?> GetParametersAsync(ResourceIdentifier pipeline, CancellationToken cancellationToken);

    /// <summary>Cancels a run and the runs that it started. Azure refuses the call (400) if the run has ended.</summary>
    /// <exception cref="AzureException">Azure refused the call or was not reachable.</exception>
    Task CancelRunAsync(ResourceIdentifier factory, string runId, CancellationToken cancellationToken);

    /// <summary>Reads a run; <see langword="null"/> if it does not exist.</summary>
    /// <exception cref="AzureException">Azure refused the call or was not reachable.</exception>
    Task<PipelineRun?> GetRunAsync(ResourceIdentifier factory, string runId, CancellationToken cancellationToken);

    /// <summary>Reads all runs of a pipeline that were last updated between two times. All pages of the answer are read.</summary>
    /// <exception cref="AzureException">Azure refused the call or was not reachable.</exception>
    Task<IReadOnlyList<PipelineRun>> QueryRunsAsync(ResourceIdentifier factory, string pipelineName, DateTimeOffset after, DateTimeOffset before, CancellationToken cancellationToken);

    /// <summary>Finds the earliest run that was updated since a time and has a given value for a parameter; <see langword="null"/> if there is none. A run that started a few seconds ago may not be listed yet.</summary>
    /// <exception cref="AzureException">Azure refused the call or was not reachable.</exception>
    Task<PipelineRun?> FindRunAsync(ResourceIdentifier pipeline, string parameterName, string value, DateTimeOffset since, CancellationToken cancellationToken);
}

/// <summary>A run of a Data Factory pipeline.</summary>
/// <param name="RunId">The run's id, a GUID.</param>
/// <param name="PipelineName">The pipeline.</param>
/// <param name="Status">One of <see cref="PipelineRunStatus"/>.</param>
/// <param name="Message">The reason for a failure; otherwise empty.</param>
/// <param name="Parameters">The values of the parameters, as text.</param>
/// <param name="RunStart">When the run started; <see langword="null"/> while the run is queued.</param>
/// <param name="RunEnd">When the run ended; <see langword="null"/> until then.</param>
/// <param name="LastUpdated">When the run last changed.</param>
public sealed record PipelineRun(
    string RunId,
    string PipelineName,
    string Status,
    string Message,
    IReadOnlyDictionary<string, string> Parameters,
    DateTimeOffset? RunStart,
    DateTimeOffset? RunEnd,
    DateTimeOffset? LastUpdated)
{
    /// <summary>The id that a run shares with its reruns; empty if the answer contains none.</summary>
    public string GroupId { get; init; } = "";

    /// <summary>Whether the run has ended.</summary>
    public bool IsTerminal => PipelineRunStatus.IsTerminal(Status);
}

/// <summary>The statuses of a Data Factory run. Compare them with the methods of this class, which are case-insensitive. Unlike a job's status, Cancelled has a double l.</summary>
public static class PipelineRunStatus
{
    /// <summary>The run has not started.</summary>
    public const string Queued = "Queued";

    /// <summary>The run is in progress.</summary>
    public const string InProgress = "InProgress";

    /// <summary>The run succeeded. Terminal.</summary>
    public const string Succeeded = "Succeeded";

    /// <summary>The run failed. Terminal.</summary>
    public const string Failed = "Failed";

    /// <summary>The run is being cancelled.</summary>
    public const string Canceling = "Canceling";

    /// <summary>The run was cancelled. Terminal.</summary>
    public const string Cancelled = "Cancelled";

    /// <summary>Whether a run with this status has ended.</summary>
    public static bool IsTerminal(string? status) => IsSucceeded(status) || Is(status, Failed) || Is(status, Cancelled) || Is(status, "Canceled");

    /// <summary>Whether the status is <see cref="Succeeded"/>.</summary>
    public static bool IsSucceeded(string? status) => Is(status, Succeeded);

    private static bool Is(string? status, string expected) => string.Equals(status, expected, StringComparison.OrdinalIgnoreCase);
}
