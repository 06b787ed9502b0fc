using System.Globalization;
using System.Text.Json.Nodes;

using Microsoft.Extensions.Options;

using MLEvents.Local.Simulator.Arm;
using MLEvents.Local.Simulator.Configuration;
using MLEvents.Local.Simulator.Diagnostics;
using MLEvents.Local.Simulator.Faults;
using MLEvents.Local.Simulator.Primitives;
using MLEvents.Local.Simulator.Storage;

namespace MLEvents.Local.Simulator.DataFactory;

/// <summary>Runs Data Factory pipelines on the simulator's clock. Every start creates a new run, because Data Factory has no idempotency key.</summary>
internal sealed class FactoryRunner(
    ResourceStore store, ArmScope scope, FaultStore faults, Timeline timeline, Journal journal, DurableTasks tasks, TimeProvider time, IOptions<SimulatorOptions> options)
{
    private const string Kind = "factory-work";
    private const string ActivityName = "Simulated";

    /// <summary>Starts a run of a pipeline, or a rerun of an earlier run, and returns the id of the new run.</summary>
    /// <exception cref="ArmRefusal">The earlier run does not exist.</exception>
    public string Start(JsonObject pipeline, JsonObject parameters, RunReference? reference) => journal.Commit(() =>
    {
        var earlier = reference is null ? null : store.Get(Path(reference.RunId)) ?? throw ArmRefusal.BadContent($"The reference pipeline run '{reference.RunId}' does not exist.", "referencePipelineRunId");
        var fails = faults.Take("Pipelines_CreateRun", Fault.FailJob) is not null;
        var id = Guid.NewGuid().ToString();
        var run = NewRun(id, pipeline.Text("name") ?? "", RunParameters(pipeline, earlier, parameters));
        if (earlier is not null && reference is { IsRecovery: true })
        {
            Join(run, earlier.Text("runGroupId") ?? "");
        }

        store.TryAdd(Path(id), run);
        timeline.Add("factory.Queued", $"{run.Text("pipelineName")}/{id}", run.Text("parameters", options.Value.CorrelationTag));
        tasks.Begin(Kind, new FactoryWork(id, fails), RunAsync);
        return id;
    });

    /// <summary>Resumes the runs of an earlier process.</summary>
    public void Resume() => tasks.Resume<FactoryWork>(Kind, RunAsync);

    /// <summary>A run.</summary>
    /// <exception cref="ArmRefusal">The run does not exist.</exception>
    public JsonObject Get(string id) => store.Get(Path(id))
        ?? throw new ArmRefusal(StatusCodes.Status404NotFound, "PipelineRunNotFound", $"The document cannot be retrieved. Pipeline run id: '{id}'.", id);

    /// <summary>All runs, oldest first.</summary>
    public IReadOnlyList<JsonObject> List() => store.List(scope.Factory + "/pipelineruns");

    /// <summary>Cancels a run; false when it has ended.</summary>
    public bool Cancel(string id)
    {
        Get(id);
        return Enter(id, "Cancelled", "");
    }

    /// <summary>The only activity of a simulated run.</summary>
    public static JsonObject Activity(JsonObject run) => new()
    {
        ["activityName"] = ActivityName,
        ["activityType"] = "WebActivity",
        ["activityRunId"] = run.Text("runId"),
        ["activityRunStart"] = run.Text("runStart"),
        ["activityRunEnd"] = run.Text("runEnd"),
        ["durationInMs"] = run["durationInMs"]?.DeepClone(),
        ["status"] = run.Text("status"),
        ["pipelineName"] = run.Text("pipelineName"),
        ["pipelineRunId"] = run.Text("runId"),
        ["input"] = new JsonObject(),
        ["output"] = new JsonObject(),
        ["error"] = new JsonObject { ["errorCode"] = "", ["message"] = run["message"]?.DeepClone(), ["failureType"] = "", ["target"] = ActivityName },
        ["linkedServiceName"] = "",
    };

    /// <summary>Returns a run together with the members of its activity, because queries can filter by the members of both.</summary>
    public static JsonObject WithActivity(JsonObject run)
    {
        var merged = Activity(run);
        merged.CopyFrom(run, [.. run.Select(member => member.Key)]);
        return merged;
    }

    // The parameters of the earlier run replace the defaults that the pipeline declares. The parameters of the call replace both.
    private static JsonObject RunParameters(JsonObject pipeline, JsonObject? earlier, JsonObject given)
    {
        var declared = pipeline.Map("properties", "parameters").Where(parameter => parameter.Value.At("defaultValue") is not null);
        var parameters = new JsonObject(declared.Select(parameter => KeyValuePair.Create(parameter.Key, parameter.Value.At("defaultValue")?.DeepClone())));
        foreach (var source in (JsonObject[])[earlier.Map("parameters"), given])
        {
            parameters.CopyFrom(source, [.. source.Select(parameter => parameter.Key)]);
        }

        return parameters;
    }

    private void Join(JsonObject run, string group)
    {
        run["runGroupId"] = group;
        foreach (var id in store.Select(scope.Factory + "/pipelineruns", found => found.Text("runGroupId") == group ? found.Text("runId") : null).OfType<string>())
        {
            store.Update(Path(id), found => found["isLatest"] = false);
        }
    }

    private string Path(string id) => $"{scope.Factory}/pipelineruns/{id}";

    private JsonObject NewRun(string id, string pipeline, JsonObject parameters) => new()
    {
        ["runId"] = id,
        ["runGroupId"] = id,
        ["isLatest"] = true,
        ["pipelineName"] = pipeline,
        ["parameters"] = new JsonObject(parameters.Select(pair => KeyValuePair.Create<string, JsonNode?>(pair.Key, AsText(pair.Value)))),
        ["invokedBy"] = new JsonObject { ["id"] = Guid.NewGuid().ToString("N"), ["name"] = "Manual" },
        ["runStart"] = time.GetUtcNow().ToAzureTime(),
        ["runEnd"] = null,
        ["durationInMs"] = null,
        ["status"] = "Queued",
        ["message"] = "",
        ["lastUpdated"] = time.GetUtcNow().ToAzureTime(),
        ["annotations"] = new JsonArray(),
        ["runDimension"] = new JsonObject(),
    };

    private static string? AsText(JsonNode? value) =>
        value is JsonValue scalar && scalar.TryGetValue<string>(out var text) ? text : value?.ToJsonString();

    private async Task RunAsync(FactoryWork work, CancellationToken cancellationToken)
    {
        var (id, fails) = work;
        var total = options.Value.Clock.FactoryRun;
        if (store.Get(Path(id)).Text("status") == "Queued")
        {
            await tasks.WaitAsync(total / 6, cancellationToken);
            Enter(id, "InProgress", "");
        }

        await tasks.WaitAsync(total * 5 / 6, cancellationToken);
        Enter(id, fails ? "Failed" : "Succeeded", fails ? "The simulator was asked to let this run fail." : "");
    }

    private bool Enter(string id, string status, string message)
    {
        var changed = false;
        var run = store.Update(Path(id), found => changed = Change(found, status, message));
        if (changed)
        {
            timeline.Add("factory." + status, $"{run.Text("pipelineName")}/{id}", run.Text("parameters", options.Value.CorrelationTag));
        }

        return changed;
    }

    private bool Change(JsonObject run, string status, string message)
    {
        if (run.Text("status") is "Succeeded" or "Failed" or "Cancelled")
        {
            return false;
        }

        var now = time.GetUtcNow();
        run["status"] = status;
        run["message"] = message;
        run["lastUpdated"] = now.ToAzureTime();
        if (status != "InProgress")
        {
            var started = DateTimeOffset.Parse(run.Text("runStart") ?? now.ToAzureTime(), CultureInfo.InvariantCulture);
            run["runEnd"] = now.ToAzureTime();
            run["durationInMs"] = (long)(now - started).TotalMilliseconds;
        }

        return true;
    }

    internal sealed record FactoryWork(string Id, bool Fails);
}

/// <summary>The earlier run that a new run refers to.</summary>
/// <param name="RunId">The id of the earlier run, whose parameters are the defaults of the new run.</param>
/// <param name="IsRecovery">Whether the new run joins the group of the earlier run and becomes the latest run of the group.</param>
internal sealed record RunReference(string RunId, bool IsRecovery);
