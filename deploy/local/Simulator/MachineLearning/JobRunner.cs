using System.Text.Json.Nodes;
using Microsoft.Extensions.Options;
using MLEvents.Local.Simulator.Arm;
using MLEvents.Local.Simulator.Control;

namespace MLEvents.Local.Simulator.MachineLearning;

/// <summary>Runs jobs on the simulator's clock.</summary>
internal sealed class JobRunner(
    ResourceStore store,
    ArmScope scope,
    MachineLearningEvents events,
    ModelRegistry models,
    FaultStore faults,
    LongRunning operations,
    BackgroundWork work,
    TimeProvider time,
    IOptions<SimulatorOptions> options)
{
    private static readonly string[] ReadOnly = ["status", "services"];
    private readonly Lock _gate = new();
    private readonly Dictionary<string, JsonObject> _requests = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Whether a job with this status will not change any more.</summary>
    public static bool IsFinal(string? status) => status is "Completed" or "Failed" or "Canceled";

    /// <summary>Starts a job, or finds the one that a request with the same name and content started before.</summary>
    /// <exception cref="ArmRefusal">The name is taken by a job with other content.</exception>
    public (JsonObject Job, bool Created) Start(string name, JsonObject properties, (string Tag, string Text)? breach = null)
    {
        var id = $"{scope.Workspace}/jobs/{name}";
        foreach (var member in ReadOnly)
        {
            properties.Remove(member);
        }

        var created = TryAdd(id, name, properties);
        var job = ArmRequest.Found(store, id);
        if (created)
        {
            var fails = breach is not null || faults.Take("Jobs_CreateOrUpdate", Fault.FailJob) is not null;
            events.RunChanged(job);
            work.Start("Job " + name, token => RunAsync(id, fails, breach, token));
        }

        return (job, created);
    }

    /// <summary>Cancels a job; without an operation when there is nothing left to cancel.</summary>
    public (LongOperation? Operation, bool Changed) Cancel(string id)
    {
        var job = ArmRequest.Found(store, id);
        if (IsFinal(job.Text("properties", "status")))
        {
            return (null, false);
        }

        Enter(id, "CancelRequested");
        var operation = operations.Begin("job");
        work.Start("Cancellation of " + job.Text("name"), async token =>
        {
            await work.WaitAsync(options.Value.Clock.Endpoint, token);
            Enter(id, "Canceled");
            operations.End(operation);
        });
        return (operation, true);
    }

    private bool TryAdd(string id, string name, JsonObject properties)
    {
        lock (_gate)
        {
            if (store.TryAdd(id, NewJob(id, name, properties)))
            {
                _requests[id] = properties.Copy();
                return true;
            }

            return JsonNode.DeepEquals(_requests[id], properties)
                ? false
                : throw ArmRefusal.Conflict($"A job with name '{name}' already exists. Job properties cannot be changed once it is submitted.", "properties");
        }
    }

    private JsonObject NewJob(string id, string name, JsonObject requested)
    {
        var properties = requested.Copy();
        properties["status"] = "NotStarted";
        properties["displayName"] ??= name;
        properties["experimentName"] ??= "Default";
        properties["tags"] ??= new JsonObject();
        properties["properties"] ??= new JsonObject();
        if (properties.Text("jobType") == "Command")
        {
            properties["parameters"] = new JsonObject();
        }

        properties["services"] = new JsonObject
        {
            ["Tracking"] = Service("Tracking", $"azureml://{scope.Region}.api.azureml.ms/mlflow/v1.0{scope.Workspace}?"),
            ["Studio"] = Service("Studio", scope.StudioPage(name)),
        };
        return new JsonObject
        {
            ["id"] = id,
            ["name"] = name,
            ["type"] = "Microsoft.MachineLearningServices/workspaces/jobs",
            ["properties"] = properties,
            ["systemData"] = SystemData.Created(time.GetUtcNow()),
        };
    }

    private static JsonObject Service(string type, string endpoint) =>
        new() { ["jobServiceType"] = type, ["port"] = null, ["endpoint"] = endpoint, ["status"] = null, ["errorMessage"] = null, ["properties"] = null };

    private async Task RunAsync(string id, bool fails, (string Tag, string Text)? breach, CancellationToken cancellationToken)
    {
        var clock = options.Value.Clock;
        (string Status, TimeSpan Before)[] phases = [("Starting", clock.NotStarted), ("Preparing", clock.Starting), ("Running", clock.Preparing)];
        foreach (var (status, before) in phases)
        {
            await work.WaitAsync(before, cancellationToken);
            Enter(id, status);
        }

        await work.WaitAsync(clock.Running, cancellationToken);
        if (fails)
        {
            Enter(id, "Failed", breach);
            return;
        }

        Enter(id, "Finalizing");
        await work.WaitAsync(clock.Finalizing, cancellationToken);
        if (store.Get(id) is { } job && Advances(job, "Completed"))
        {
            models.RegisterOutputs(job);
            Enter(id, "Completed");
        }
    }

    private void Enter(string id, string status, (string Tag, string Text)? breach = null)
    {
        var changed = false;
        var job = store.Update(id, found => changed = Change(found, status, breach));
        if (changed && job is not null)
        {
            events.RunChanged(job);
        }
    }

    private bool Change(JsonObject job, string status, (string Tag, string Text)? breach)
    {
        if (!Advances(job, status))
        {
            return false;
        }

        var properties = job.Need("properties");
        properties["status"] = status;
        if (breach is { } text)
        {
            properties.Need("tags")[text.Tag] = text.Text;
        }

        Stamp(properties.Need("properties"), status);
        SystemData.Touch(job, time.GetUtcNow());
        return true;
    }

    private void Stamp(JsonObject properties, string status)
    {
        if (status == "Running")
        {
            properties["StartTimeUtc"] = time.GetUtcNow().Wire();
        }
        else if (IsFinal(status))
        {
            properties["EndTimeUtc"] = time.GetUtcNow().Wire();
        }
    }

    // A cancelled job stays cancelled, whatever its clock says.
    private static bool Advances(JsonObject job, string status) => job.Text("properties", "status") switch
    {
        "CancelRequested" => status == "Canceled",
        var now => !IsFinal(now),
    };
}
