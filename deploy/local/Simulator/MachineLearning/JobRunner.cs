using System.Text.Json.Nodes;
using Microsoft.Extensions.Options;
using MLEvents.Local.Simulator.Arm;
using MLEvents.Local.Simulator.Control;
using MLEvents.Local.Simulator.Storage;

namespace MLEvents.Local.Simulator.MachineLearning;

/// <summary>Runs jobs on the simulator's clock.</summary>
internal sealed class JobRunner(
    ResourceStore store,
    ArmScope scope,
    MachineLearningEvents events,
    ModelRegistry models,
    FaultStore faults,
    LongRunning operations,
    Journal journal,
    DurableTasks duties,
    TimeProvider time,
    IOptions<SimulatorOptions> options)
{
    private const string RequestKind = "job-request";
    private const string RunKind = "job-run";
    private const string CancellationKind = "job-cancellation";
    private static readonly string[] ReadOnly = ["status", "services"];
    private readonly Dictionary<string, JsonObject> _requests =
        journal.Restored<JobRequest>(RequestKind).ToDictionary(request => request.Id, request => request.Properties, StringComparer.OrdinalIgnoreCase);

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

        return journal.Together(() =>
        {
            var created = TryAdd(id, name, properties);
            var job = ArmRequest.Found(store, id);
            if (created)
            {
                var fails = breach is not null || faults.Take("Jobs_CreateOrUpdate", Fault.FailJob) is not null;
                events.RunChanged(job);
                duties.Begin(RunKind, new JobRun(id, fails, breach?.Tag, breach?.Text), RunAsync);
            }

            return (job, created);
        });
    }

    /// <summary>Cancels a job; without an operation when there is nothing left to cancel.</summary>
    public (LongOperation? Operation, bool Changed) Cancel(string id) => journal.Together(() =>
    {
        var job = ArmRequest.Found(store, id);
        if (IsFinal(job.Text("properties", "status")))
        {
            return ((LongOperation?)null, false);
        }

        Enter(id, "CancelRequested");
        var operation = operations.Begin("job");
        duties.Begin(CancellationKind, new JobCancellation(id, operation.Id), CancelAsync);
        return (operation, true);
    });

    /// <summary>Takes up the jobs that an earlier process left running.</summary>
    public void Resume()
    {
        duties.Resume<JobRun>(RunKind, RunAsync);
        duties.Resume<JobCancellation>(CancellationKind, CancelAsync);
    }

    private bool TryAdd(string id, string name, JsonObject properties)
    {
        if (store.TryAdd(id, NewJob(id, name, properties)))
        {
            _requests[id] = properties.Copy();
            journal.Put(RequestKind, id.ToUpperInvariant(), new JobRequest(id, properties));
            return true;
        }

        return JsonNode.DeepEquals(_requests[id], properties)
            ? false
            : throw ArmRefusal.Conflict($"A job with name '{name}' already exists. Job properties cannot be changed once it is submitted.", "properties");
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

    private async Task RunAsync(JobRun run, CancellationToken cancellationToken)
    {
        while (Next(run) is var (status, before))
        {
            await duties.WaitAsync(before, cancellationToken);
            Enter(run.Id, status, status == "Failed" && run is { BreachTag: { } tag, BreachText: { } text } ? (tag, text) : null);
        }
    }

    private async Task CancelAsync(JobCancellation cancellation, CancellationToken cancellationToken)
    {
        await duties.WaitAsync(options.Value.Clock.Endpoint, cancellationToken);
        journal.Together(() =>
        {
            Enter(cancellation.Id, "Canceled");
            operations.End(cancellation.Operation);
        });
    }

    // Read from the job itself: a job that was half way when the simulator ended goes on from there.
    private (string Status, TimeSpan Before)? Next(JobRun run)
    {
        var clock = options.Value.Clock;
        return store.Get(run.Id).Text("properties", "status") switch
        {
            "NotStarted" => ("Starting", clock.NotStarted),
            "Starting" => ("Preparing", clock.Starting),
            "Preparing" => ("Running", clock.Preparing),
            "Running" => (run.Fails ? "Failed" : "Finalizing", clock.Running),
            "Finalizing" => ("Completed", clock.Finalizing),
            _ => null,
        };
    }

    // A job completes together with the models it registers, so that no restart registers them twice.
    private void Enter(string id, string status, (string Tag, string Text)? breach = null) => journal.Together(() =>
    {
        if (status == "Completed" && store.Get(id) is { } done && Advances(done, status))
        {
            models.RegisterOutputs(done);
        }

        var changed = false;
        var job = store.Update(id, found => changed = Change(found, status, breach));
        if (changed && job is not null)
        {
            events.RunChanged(job);
        }
    });

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

    private sealed record JobRequest(string Id, JsonObject Properties);

    private sealed record JobRun(string Id, bool Fails, string? BreachTag, string? BreachText);

    private sealed record JobCancellation(string Id, string Operation);
}
