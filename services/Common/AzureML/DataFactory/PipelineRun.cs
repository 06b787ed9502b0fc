namespace MLEvents.AzureML;

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
