using System.Globalization;
using System.Text.Json.Nodes;

using Azure.Core;

using MLEvents.AzureML.Connection;
using MLEvents.AzureML.Resilience;

namespace MLEvents.AzureML.DataFactory;

/// <summary>Data Factory pipelines over Azure Resource Manager.</summary>
internal sealed class ArmDataFactoryPipelines(
    ArmConnection arm, [FromKeyedServices(AzureDependency.DataFactory)] AzureDependency azure, TimeProvider time) : IDataFactoryPipelines
{
    // Azure's clock may be ahead of the clock of this machine.
    private static readonly TimeSpan ClockSkew = TimeSpan.FromMinutes(5);

    public Task<string> CreateRunAsync(ResourceIdentifier pipeline, JsonObject parameters, string? rerunOf, CancellationToken cancellationToken)
    {
        var path = ArmPath.For(ArmIds.ForPipeline(pipeline), ArmConnection.DataFactoryVersion, "/createRun");
        if (rerunOf is not null)
        {
            path = path.With("referencePipelineRunId", rerunOf).With("isRecovery", "true").With("startFromFailure", "true");
        }

        // A body is sent even without parameters. .NET repeats a request without a body if the pooled connection was closed, and the repetition could start a second run.
        var body = parameters.DeepClone().AsObject();
        return azure.CallAsync("Pipelines_CreateRun", Repeat.WhenNotDone, token => CreateRunAsync(path, body, token), cancellationToken);
    }

    public Task<IReadOnlyDictionary<string, string>?> GetParametersAsync(ResourceIdentifier pipeline, CancellationToken cancellationToken)
    {
        var path = ArmPath.For(ArmIds.ForPipeline(pipeline), ArmConnection.DataFactoryVersion);
        return azure.CallAsync<IReadOnlyDictionary<string, string>?>("Pipelines_Get", async token => await arm.FindAsync(path, token) is { } answer ? Declared(answer.Body) : null, cancellationToken);
    }

    public Task CancelRunAsync(ResourceIdentifier factory, string runId, CancellationToken cancellationToken)
    {
        var path = ArmPath.For(ArmIds.ForPipelineRun(factory, runId), ArmConnection.DataFactoryVersion, "/cancel").With("isRecursive", "true");
        return azure.CallAsync("PipelineRuns_Cancel", token => arm.SendAsync(RequestMethod.Post, path, null, null, token), cancellationToken);
    }

    public Task<PipelineRun?> GetRunAsync(ResourceIdentifier factory, string runId, CancellationToken cancellationToken)
    {
        var path = ArmPath.For(ArmIds.ForPipelineRun(factory, runId), ArmConnection.DataFactoryVersion);
        return azure.CallAsync("PipelineRuns_Get", async token => await arm.FindAsync(path, token) is { } answer ? ToRun(answer.Body) : null, cancellationToken);
    }

    public async Task<IReadOnlyList<PipelineRun>> QueryRunsAsync(
        ResourceIdentifier factory, string pipelineName, DateTimeOffset after, DateTimeOffset before, CancellationToken cancellationToken)
    {
        var path = ArmPath.For(ArmIds.ForFactory(factory), ArmConnection.DataFactoryVersion, "/queryPipelineRuns");
        var runs = await azure.ReadAllAsync(
            "PipelineRuns_QueryByFactory",
            async (token, cancellation) => (await arm.SendAsync(RequestMethod.Post, path, Filter(pipelineName, after, before, token), null, cancellation)).Body,
            answer => answer.Text("continuationToken"),
            cancellationToken);
        return [.. runs.Select(ToRun)];
    }

    public async Task<PipelineRun?> FindRunAsync(ResourceIdentifier pipeline, string parameterName, string value, DateTimeOffset since, CancellationToken cancellationToken)
    {
        var runs = await QueryRunsAsync(ArmIds.ForFactory(ArmIds.ForPipeline(pipeline).Identifier).Identifier, pipeline.Name, since, time.GetUtcNow() + ClockSkew, cancellationToken);
        return runs
            .Where(run => run.Parameters.TryGetValue(parameterName, out var given) && given == value)
            .OrderBy(run => run.RunStart ?? DateTimeOffset.MaxValue)
            .FirstOrDefault();
    }

    private async Task<string> CreateRunAsync(ArmPath path, JsonObject body, CancellationToken cancellationToken) =>
        (await arm.SendAsync(RequestMethod.Post, path, body, null, cancellationToken)).Body.Text("runId")
        ?? throw new FormatException("The answer does not contain a runId.");

    private static Dictionary<string, string> Declared(JsonObject pipeline) =>
        (pipeline.Object("properties").Object("parameters") ?? []).ToDictionary(parameter => parameter.Key, parameter => (parameter.Value as JsonObject).Text("type") ?? "", StringComparer.Ordinal);

    private static JsonObject Filter(string pipelineName, DateTimeOffset after, DateTimeOffset before, string? continuationToken)
    {
        var filter = new JsonObject
        {
            ["lastUpdatedAfter"] = Timestamp(after),
            ["lastUpdatedBefore"] = Timestamp(before),
            ["filters"] = new JsonArray(new JsonObject { ["operand"] = "PipelineName", ["operator"] = "Equals", ["values"] = new JsonArray(pipelineName) }),
        };
        if (continuationToken is not null)
        {
            filter["continuationToken"] = continuationToken;
        }

        return filter;
    }

    private static string Timestamp(DateTimeOffset time) => time.UtcDateTime.ToString("O", CultureInfo.InvariantCulture);

    private static PipelineRun ToRun(JsonObject run) => new(
        run.Text("runId") ?? "",
        run.Text("pipelineName") ?? "",
        run.Text("status") ?? "",
        run.Text("message") ?? "",
        run.Texts("parameters"),
        run.Time("runStart"),
        run.Time("runEnd"),
        run.Time("lastUpdated"))
    {
        GroupId = run.Text("runGroupId") ?? "",
    };
}
