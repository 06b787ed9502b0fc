using System.Text.Json.Nodes;

using MLEvents.Local.Simulator.Arm;
using MLEvents.Local.Simulator.Configuration;
using MLEvents.Local.Simulator.Primitives;
using MLEvents.Local.Simulator.Storage;

namespace MLEvents.Local.Simulator.DataFactory;

/// <summary>The data factory and its pipelines, api-version 2018-06-01.</summary>
internal static class FactoryApi
{
    /// <summary>Maps the routes.</summary>
    public static void MapFactory(this IEndpointRouteBuilder routes)
    {
        var factory = routes.MapArm(ArmRoutes.Factory, ArmVersions.DataFactory);
        factory.MapGet("", (ArmRequest request, ArmScope scope, ResourceStore store) => EntityTag.Answer(request, ArmRequest.Found(store, scope.Factory))).WithOperation("Factories_Get");
        factory.MapGet("/pipelines", List).WithOperation("Pipelines_ListByFactory");
        factory.MapGet("/pipelines/{pipeline}", Get).WithOperation("Pipelines_Get");
        factory.MapPut("/pipelines/{pipeline}", PutAsync).WithOperation("Pipelines_CreateOrUpdate");
        factory.MapDelete("/pipelines/{pipeline}", Delete).WithOperation("Pipelines_Delete");
        factory.MapPost("/pipelines/{pipeline}/createRun", CreateRunAsync).WithOperation("Pipelines_CreateRun");
        factory.MapGet("/pipelineruns/{run}", GetRun).WithOperation("PipelineRuns_Get");
        factory.MapPost("/queryPipelineRuns", QueryRunsAsync).WithOperation("PipelineRuns_QueryByFactory");
        factory.MapPost("/pipelineruns/{run}/cancel", Cancel).WithOperation("PipelineRuns_Cancel");
        factory.MapPost("/pipelineruns/{run}/queryActivityruns", QueryActivitiesAsync).WithOperation("ActivityRuns_QueryByPipelineRun");
    }

    /// <summary>Adds the factory and its pipelines to the store.</summary>
    public static void Seed(ResourceStore store, ArmScope scope, SimulatorOptions options, TimeProvider time)
    {
        store.TryAdd(scope.Factory, new JsonObject
        {
            ["name"] = options.Factory,
            ["id"] = scope.Factory,
            ["type"] = "Microsoft.DataFactory/factories",
            ["properties"] = new JsonObject { ["provisioningState"] = "Succeeded", ["createTime"] = time.GetUtcNow().ToAzureTime(), ["version"] = "2018-06-01" },
            ["eTag"] = $"\"{Guid.NewGuid()}\"",
            ["location"] = scope.Region,
            ["tags"] = new JsonObject(),
        });
        foreach (var name in options.FactoryPipelines.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            store.TryAdd(PipelineId(scope, name), Pipeline(scope, name, new JsonObject { ["parameters"] = SeededParameters() }));
        }
    }

    private static ArmReply List(ArmRequest request, ArmScope scope, ResourceStore store, Paging paging) => paging.Page(request, store.List(scope.Factory + "/pipelines"));

    private static ArmReply Get(ArmRequest request, ArmScope scope, ResourceStore store) => EntityTag.Answer(request, ArmRequest.Found(store, PipelineId(scope, request["pipeline"])));

    private static async Task<ArmReply> PutAsync(ArmRequest request, ArmScope scope, ResourceStore store, Journal journal)
    {
        var body = await request.BodyAsync();
        var id = PipelineId(scope, request["pipeline"]);
        var pipeline = Pipeline(scope, request["pipeline"], body.Map("properties"));
        journal.Commit(() =>
        {
            EntityTag.RequireMatch(request, store.Get(id));
            if (!store.TryAdd(id, pipeline))
            {
                store.Update(id, found => found.CopyFrom(pipeline, "properties", "etag"));
            }
        });

        request.ChangedState = true;
        return EntityTag.Answer(request, pipeline);
    }

    private static ArmReply Delete(ArmRequest request, ArmScope scope, ResourceStore store)
    {
        request.ChangedState = store.Remove(PipelineId(scope, request["pipeline"]));
        return new(request.ChangedState ? StatusCodes.Status200OK : StatusCodes.Status204NoContent);
    }

    private static async Task<ArmReply> CreateRunAsync(ArmRequest request, ArmScope scope, ResourceStore store, FactoryRunner runner)
    {
        var parameters = await request.BodyAsync();
        var pipeline = ArmRequest.Found(store, PipelineId(scope, request["pipeline"]));
        var reference = request.Query("referencePipelineRunId") is { } id ? new RunReference(id, request.Query("isRecovery") == "true") : null;
        var run = runner.Start(pipeline, parameters, reference);
        request.ChangedState = true;
        return ArmReply.Ok(new JsonObject { ["runId"] = run });
    }

    private static ArmReply GetRun(ArmRequest request, FactoryRunner runner) => ArmReply.Ok(runner.Get(request["run"]));

    private static async Task<ArmReply> QueryRunsAsync(ArmRequest request, FactoryRunner runner)
    {
        var body = await request.BodyAsync();
        var query = RunQuery.Read(body);
        var runs = RunOrder.Apply(body, runner.List().Where(run => query.Matches(FactoryRunner.WithActivity(run))));
        return ArmReply.Ok(new JsonObject { ["value"] = new JsonArray([.. runs]) });
    }

    private static ArmReply Cancel(ArmRequest request, FactoryRunner runner)
    {
        request.ChangedState = runner.Cancel(request["run"]);
        return request.ChangedState
            ? new(StatusCodes.Status200OK)
            : throw new ArmRefusal(StatusCodes.Status400BadRequest, "PipelineRunNotCancellable", $"The pipeline run '{request["run"]}' has already ended.");
    }

    private static async Task<ArmReply> QueryActivitiesAsync(ArmRequest request, FactoryRunner runner)
    {
        var run = runner.Get(request["run"]);
        var query = RunQuery.Read(await request.BodyAsync());
        JsonObject[] activities = query.Matches(FactoryRunner.WithActivity(run)) ? [FactoryRunner.Activity(run)] : [];
        return ArmReply.Ok(new JsonObject { ["value"] = new JsonArray([.. activities]) });
    }

    private static JsonObject Pipeline(ArmScope scope, string name, JsonObject properties)
    {
        properties["activities"] ??= new JsonArray();
        properties["parameters"] ??= new JsonObject();
        return new()
        {
            ["id"] = PipelineId(scope, name),
            ["name"] = name,
            ["type"] = "Microsoft.DataFactory/factories/pipelines",
            ["properties"] = properties,
            ["etag"] = Guid.NewGuid().ToString(),
        };
    }

    // The parameters that the sample rules and the retrainer set.
    private static JsonObject SeededParameters() => new()
    {
        ["mlevents_action"] = Declared("String"),
        ["mlevents_correlation"] = Declared("String"),
        ["monitor"] = Declared("String"),
        ["coefficient"] = Declared("Float"),
        ["dataset"] = Declared("String"),
    };

    private static JsonObject Declared(string type) => new() { ["type"] = type };

    private static string PipelineId(ArmScope scope, string name) => $"{scope.Factory}/pipelines/{name}";
}
