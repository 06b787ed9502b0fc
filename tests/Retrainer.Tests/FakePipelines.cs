using System.Text.Json.Nodes;

using Azure.Core;

using MLEvents.AzureML.DataFactory;
using MLEvents.AzureML.Errors;

namespace MLEvents.Retrainer.Tests;

/// <summary>A Data Factory in memory.</summary>
internal sealed class FakePipelines : IDataFactoryPipelines
{
    /// <summary>The runs in the order of their start.</summary>
    public List<PipelineRun> Runs { get; } = [];

    /// <summary>The parameters that each run was started with.</summary>
    public List<JsonObject> Given { get; } = [];

    /// <summary>For each run, the id of the earlier run that it continues; null if the run starts from the beginning.</summary>
    public List<string?> RerunsOf { get; } = [];

    /// <summary>The declared parameters; null if the pipeline does not exist.</summary>
    public Dictionary<string, string>? Declared { get; set; } = new() { ["mlevents_action"] = "String", ["mlevents_correlation"] = "string", ["coefficient"] = "Float" };

    /// <summary>The runs whose cancellation was requested.</summary>
    public List<string> Cancelled { get; } = [];

    /// <summary>The error of a start and of a cancellation; null if these calls succeed. The run is started in spite of the error.</summary>
    public AzureException? Refusal { get; set; }

    /// <summary>The status that the last run gets when its cancellation is requested; null if it keeps its status.</summary>
    public string? StatusAtCancellation { get; set; }

    /// <summary>The start of the period in which runs were searched.</summary>
    public DateTimeOffset? Since { get; private set; }

    public Task<string> CreateRunAsync(ResourceIdentifier pipeline, JsonObject parameters, string? rerunOf, CancellationToken cancellationToken)
    {
        var (id, earlier) = ($"run-{Runs.Count + 1}", Runs.Find(run => run.RunId == rerunOf));
        var texts = earlier?.Parameters ?? parameters.ToDictionary(parameter => parameter.Key, parameter => parameter.Value?.ToString() ?? "");
        Runs.Add(new PipelineRun(id, pipeline.Name, PipelineRunStatus.Queued, "", texts, null, null, null) { GroupId = earlier?.GroupId ?? id });
        Given.Add(parameters);
        RerunsOf.Add(rerunOf);
        return Refusal is null ? Task.FromResult(Runs[^1].RunId) : Task.FromException<string>(Refusal);
    }

    public Task<IReadOnlyDictionary<string, string>?> GetParametersAsync(ResourceIdentifier pipeline, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyDictionary<string, string>?>(Declared);

    public Task CancelRunAsync(ResourceIdentifier factory, string runId, CancellationToken cancellationToken)
    {
        Cancelled.Add(runId);
        if (StatusAtCancellation is { } status)
        {
            Become(status);
        }

        return Refusal is null ? Task.CompletedTask : Task.FromException(Refusal);
    }

    public Task<PipelineRun?> GetRunAsync(ResourceIdentifier factory, string runId, CancellationToken cancellationToken) =>
        Task.FromResult(Runs.Find(run => run.RunId == runId));

    public Task<IReadOnlyList<PipelineRun>> QueryRunsAsync(ResourceIdentifier factory, string pipelineName, DateTimeOffset after, DateTimeOffset before, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<PipelineRun>>(Runs);

    public Task<PipelineRun?> FindRunAsync(ResourceIdentifier pipeline, string parameterName, string value, DateTimeOffset since, CancellationToken cancellationToken)
    {
        Since = since;
        return Task.FromResult(Runs.Find(run => run.Parameters.GetValueOrDefault(parameterName) == value));
    }

    /// <summary>Gives the last run a status.</summary>
    public void Become(string status, string message = "") => Runs[^1] = Runs[^1] with { Status = status, Message = message };
}
