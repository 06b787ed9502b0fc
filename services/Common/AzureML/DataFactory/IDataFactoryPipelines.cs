using System.Text.Json.Nodes;

using Azure.Core;

using MLEvents.AzureML.Errors;

namespace MLEvents.AzureML.DataFactory;

/// <summary>Pipelines of an Azure Data Factory and their runs.</summary>
public interface IDataFactoryPipelines
{
    /// <summary>
    /// Starts a run and returns its id. There is no idempotency key: a second call starts a second run. So it is repeated inside only after an
    /// answer that says nothing was done (429, or 503 with Retry-After). Pass an id of your own (the action's) as a parameter of the pipeline, and
    /// when a call failed in another way, or the process died around it, look with <see cref="FindRunAsync"/> before calling again.
    /// </summary>
    /// <param name="pipeline">ARM id of the pipeline (<c>…/factories/{factory}/pipelines/{name}</c>).</param>
    /// <param name="parameters">Values of the pipeline's parameters, each of the type that the pipeline declares.</param>
    /// <param name="rerunOf">The failed run that the new run continues from its failed activity, with its parameters; <see langword="null"/> to start from the beginning.</param>
    /// <param name="cancellationToken">Stops waiting; the run may have been started all the same.</param>
    /// <exception cref="AzureException">Azure refused the call, or could not be reached, or did not answer; the run may have been started unless <see cref="AzureException.Status"/> says otherwise.</exception>
    Task<string> CreateRunAsync(ResourceIdentifier pipeline, JsonObject parameters, string? rerunOf, CancellationToken cancellationToken);

    /// <summary>Reads the parameters that a pipeline declares, by name with their type; <see langword="null"/> when there is no such pipeline.</summary>
    /// <exception cref="AzureException">Azure refused the call, or could not be reached.</exception>
    Task<IReadOnlyDictionary<string, string>?> GetParametersAsync(ResourceIdentifier pipeline, CancellationToken cancellationToken);

    /// <summary>Cancels a run and the runs that it started. Azure refuses it (400) for a run that has ended.</summary>
    /// <exception cref="AzureException">Azure refused the call, or could not be reached.</exception>
    Task CancelRunAsync(ResourceIdentifier factory, string runId, CancellationToken cancellationToken);

    /// <summary>Reads a run; <see langword="null"/> when there is none.</summary>
    /// <exception cref="AzureException">Azure refused the call, or could not be reached.</exception>
    Task<PipelineRun?> GetRunAsync(ResourceIdentifier factory, string runId, CancellationToken cancellationToken);

    /// <summary>Reads all runs of a pipeline last updated between two moments, page by page.</summary>
    /// <exception cref="AzureException">Azure refused the call, or could not be reached.</exception>
    Task<IReadOnlyList<PipelineRun>> QueryRunsAsync(ResourceIdentifier factory, string pipelineName, DateTimeOffset after, DateTimeOffset before, CancellationToken cancellationToken);

    /// <summary>Finds the first run updated since a moment whose parameter has this value; <see langword="null"/> when there is none. A run that started seconds ago may not be listed yet.</summary>
    /// <exception cref="AzureException">Azure refused the call, or could not be reached.</exception>
    Task<PipelineRun?> FindRunAsync(ResourceIdentifier pipeline, string parameterName, string value, DateTimeOffset since, CancellationToken cancellationToken);
}

/// <summary>A run of a Data Factory pipeline.</summary>
/// <param name="RunId">The run's id, a GUID.</param>
/// <param name="PipelineName">The pipeline.</param>
/// <param name="Status">One of <see cref="PipelineRunStatus"/>.</param>
/// <param name="Message">Why it failed; empty when it did not.</param>
/// <param name="Parameters">The values it was started with, as text.</param>
/// <param name="RunStart">When it began; <see langword="null"/> while queued.</param>
/// <param name="RunEnd">When it ended; <see langword="null"/> until then.</param>
/// <param name="LastUpdated">When it last changed.</param>
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
    /// <summary>The id that a run shares with its reruns; empty when the answer holds none.</summary>
    public string GroupId { get; init; } = "";

    /// <summary>Whether the run has ended for good.</summary>
    public bool IsTerminal => PipelineRunStatus.IsTerminal(Status);
}

/// <summary>The statuses of a Data Factory run; compare with the helpers, which ignore case. Cancelled has two l here, unlike a job's.</summary>
public static class PipelineRunStatus
{
    /// <summary>Not begun.</summary>
    public const string Queued = "Queued";

    /// <summary>At work.</summary>
    public const string InProgress = "InProgress";

    /// <summary>Ended well; terminal.</summary>
    public const string Succeeded = "Succeeded";

    /// <summary>Ended badly; terminal.</summary>
    public const string Failed = "Failed";

    /// <summary>Told to stop, not stopped yet.</summary>
    public const string Canceling = "Canceling";

    /// <summary>Stopped; terminal.</summary>
    public const string Cancelled = "Cancelled";

    /// <summary>Whether a run of this status has ended for good.</summary>
    public static bool IsTerminal(string? status) => IsSucceeded(status) || Is(status, Failed) || Is(status, Cancelled) || Is(status, "Canceled");

    /// <summary>Whether the status is <see cref="Succeeded"/>.</summary>
    public static bool IsSucceeded(string? status) => Is(status, Succeeded);

    private static bool Is(string? status, string expected) => string.Equals(status, expected, StringComparison.OrdinalIgnoreCase);
}
