using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Options;
using MLEvents.Local.Simulator.Arm;
using MLEvents.Local.Simulator.Control;
using MLEvents.Local.Simulator.Storage;

namespace MLEvents.Local.Simulator.DataFactory;

/// <summary>Runs Data Factory pipelines on the simulator's clock. Every start is a run of its own: Data Factory has no idempotency key.</summary>
internal sealed class FactoryRunner(
    ResourceStore store, ArmScope scope, FaultStore faults, Timeline timeline, Journal journal, DurableTasks duties, TimeProvider time, IOptions<SimulatorOptions> options)
{
    private const string Kind = "factory-work";

    /// <summary>Starts a run and returns its id.</summary>
    public string Start(string pipeline, JsonObject parameters)
    {
        var fails = faults.Take("Pipelines_CreateRun", Fault.FailJob) is not null;
        var id = Guid.NewGuid().ToString();
        journal.Together(() =>
        {
            store.TryAdd(Path(id), NewRun(id, pipeline, parameters));
            timeline.Add("factory.Queued", $"{pipeline}/{id}", parameters.Text(options.Value.CorrelationTag));
            duties.Begin(Kind, new FactoryWork(id, fails), RunAsync);
        });
        return id;
    }

    /// <summary>Takes up the runs that an earlier process left running.</summary>
    public void Resume() => duties.Resume<FactoryWork>(Kind, RunAsync);

    /// <summary>A run.</summary>
    /// <exception cref="ArmRefusal">There is none with this id.</exception>
    public JsonObject Get(string id) => store.Get(Path(id))
        ?? throw new ArmRefusal(StatusCodes.Status404NotFound, "PipelineRunNotFound", $"The document cannot be retrieved. Pipeline run id: '{id}'.", id);

    /// <summary>All runs, oldest first.</summary>
    public IReadOnlyList<JsonObject> List() => store.List(scope.Factory + "/pipelineruns");

    /// <summary>Cancels a run; false when it has ended already.</summary>
    public bool Cancel(string id)
    {
        Get(id);
        return Enter(id, "Cancelled", "");
    }

    /// <summary>The one activity that every simulated run has.</summary>
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
        ["runStart"] = time.GetUtcNow().Wire(),
        ["runEnd"] = null,
        ["durationInMs"] = null,
        ["status"] = "Queued",
        ["message"] = "",
        ["lastUpdated"] = time.GetUtcNow().Wire(),
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
            await duties.WaitAsync(total / 6, cancellationToken);
            Enter(id, "InProgress", "");
        }

        await duties.WaitAsync(total * 5 / 6, cancellationToken);
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
        run["lastUpdated"] = now.Wire();
        if (status != "InProgress")
        {
            var started = DateTimeOffset.Parse(run.Text("runStart") ?? now.Wire(), CultureInfo.InvariantCulture);
            run["runEnd"] = now.Wire();
            run["durationInMs"] = (long)(now - started).TotalMilliseconds;
        }

        return true;
    }

    private sealed record FactoryWork(string Id, bool Fails);
}
