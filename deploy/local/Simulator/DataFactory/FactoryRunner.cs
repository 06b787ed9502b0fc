using System.Globalization;
using System.Text.Json.Nodes;
using MLEvents.Local.Simulator.Arm;
using MLEvents.Local.Simulator.Configuration;
using MLEvents.Local.Simulator.Diagnostics;
using MLEvents.Local.Simulator.Faults;
using MLEvents.Local.Simulator.Primitives;
using MLEvents.Local.Simulator.Storage;
using Microsoft.Extensions.Options;

namespace MLEvents.Local.Simulator.DataFactory;

/// <summary>Runs Data Factory pipelines on the simulator's clock. Every start creates a run: Data Factory has no idempotency key.</summary>
internal sealed class FactoryRunner(
    ResourceStore store, ArmScope scope, FaultStore faults, Timeline timeline, Journal journal, DurableTasks tasks, TimeProvider time, IOptions<SimulatorOptions> options)
{
    private const string Kind = "factory-work";

    /// <summary>Starts a run and returns its id.</summary>
    public string Start(string pipeline, JsonObject parameters)
    {
        var fails = faults.Take("Pipelines_CreateRun", Fault.FailJob) is not null;
        var id = Guid.NewGuid().ToString();
        journal.Commit(() =>
        {
            store.TryAdd(Path(id), NewRun(id, pipeline, parameters));
            timeline.Add("factory.Queued", $"{pipeline}/{id}", parameters.Text(options.Value.CorrelationTag));
            tasks.Begin(Kind, new FactoryWork(id, fails), RunAsync);
        });
        return id;
    }

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
        ["activityName"] = "Simulated",
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
        ["error"] = new JsonObject { ["errorCode"] = "", ["message"] = run["message"]?.DeepClone(), ["failureType"] = "", ["target"] = "Simulated" },
        ["linkedServiceName"] = "",
    };

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
        Enter(id, fails ? "Failed" : "Succeeded", fails ? "A fault of the simulator made this run fail." : "");
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

    private sealed record FactoryWork(string Id, bool Fails);
}
