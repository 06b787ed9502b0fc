using Azure.Core;

using MLEvents.AzureML.DataFactory;
using MLEvents.AzureML.Errors;

namespace MLEvents.Retrainer.Tests;

/// <summary>A Data Factory in memory.</summary>
internal sealed class FakePipelines : IDataFactoryPipelines
{
    /// <summary>The runs in the order of their start.</summary>
    public List<PipelineRun> Runs { get; } = [];

    /// <summary>What starting a run answers, after it was started.</summary>
    public AzureException? Refusal { get; set; }

    /// <summary>The moment from which runs were looked for.</summary>
    public DateTimeOffset? Since { get; private set; }

    public Task<string> CreateRunAsync(ResourceIdentifier pipeline, IReadOnlyDictionary<string, string> parameters, CancellationToken cancellationToken)
    {
        Runs.Add(new PipelineRun($"run-{Runs.Count + 1}", pipeline.Name, PipelineRunStatus.Queued, "", parameters, null, null, null));
        return Refusal is null ? Task.FromResult(Runs[^1].RunId) : Task.FromException<string>(Refusal);
    }

    public Task<PipelineRun?> GetRunAsync(ResourceIdentifier factory, string runId, CancellationToken cancellationToken) =>
        Task.FromResult(Runs.Find(run => run.RunId == runId));

    public Task<IReadOnlyList<PipelineRun>> QueryRunsAsync(ResourceIdentifier factory, string pipelineName, DateTimeOffset after, DateTimeOffset before, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public Task<PipelineRun?> FindRunAsync(ResourceIdentifier pipeline, string parameterName, string value, DateTimeOffset since, CancellationToken cancellationToken)
    {
        Since = since;
        return Task.FromResult(Runs.Find(run => run.Parameters.GetValueOrDefault(parameterName) == value));
    }

    /// <summary>Gives the last run a status.</summary>
    public void Become(string status, string message = "") => Runs[^1] = Runs[^1] with { Status = status, Message = message };
}
