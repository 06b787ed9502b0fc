using System.Text.Json.Nodes;

using Microsoft.Extensions.Options;

using MLEvents.Local.Simulator.Arm;
using MLEvents.Local.Simulator.Configuration;
using MLEvents.Local.Simulator.Faults;
using MLEvents.Local.Simulator.Primitives;
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
    DurableTasks tasks,
    TimeProvider time,
    IOptions<SimulatorOptions> options)
{
    private const string RunKind = "job-run";
    private const string CancellationKind = "job-cancellation";
    private readonly JobResource _resources = new(scope, time);

    /// <summary>Whether a status is final.</summary>
    public static bool IsFinal(string? status) => status is "Completed" or "Failed" or "Canceled";

    /// <summary>Creates a job. If a job with the same name and content exists, updates its tags, description, display name and archived state.</summary>
    /// <exception cref="ArmRefusal">A job with the same name and other content exists, or an input or output is invalid.</exception>
    public (JsonObject Job, bool Created, bool Changed) Put(string name, JsonObject properties, (string Tag, string Text)? breach = null, string? workspace = null)
    {
        var id = $"{workspace ?? scope.Workspace}/jobs/{name}";
        var job = _resources.Create(id, name, properties);
        return journal.Commit(() =>
        {
            if (!store.TryAdd(id, job))
            {
                return Update(name, job, properties);
            }

            var fails = breach is not null || faults.Take("Jobs_CreateOrUpdate", Fault.FailJob) is not null;
            events.RunChanged(job);
            tasks.Begin(RunKind, new JobRun(id, fails, breach?.Tag, breach?.Text), RunAsync);
            return (job, true, true);
        });
    }

    /// <summary>Cancels a job. The returned operation is null if the job has already ended.</summary>
    public (LongOperation? Operation, bool Changed) Cancel(string id) => journal.Commit(() =>
    {
        var job = ArmRequest.Found(store, id);
        if (IsFinal(job.Text("properties", "status")))
        {
            return ((LongOperation?)null, false);
        }

        Enter(id, "CancelRequested");
        var operation = operations.Begin("job");
        tasks.Begin(CancellationKind, new JobCancellation(id, operation.Id), CancelAsync);
        return (operation, true);
    });

    /// <summary>Resumes the jobs of an earlier process.</summary>
    public void Resume()
    {
        tasks.Resume<JobRun>(RunKind, RunAsync);
        tasks.Resume<JobCancellation>(CancellationKind, CancelAsync);
    }

    private (JsonObject Job, bool Created, bool Changed) Update(string name, JsonObject requested, JsonObject properties)
    {
        var stored = ArmRequest.Found(store, requested.Text("id") ?? "");
        if (!JobResource.HasSameContent(stored, requested))
        {
            throw ArmRefusal.Conflict($"A job with name '{name}' already exists. Only its tags, description, displayName and isArchived can be changed.", "properties");
        }

        return JobResource.Changes(stored, properties)
            ? (store.Update(stored.Text("id") ?? "", job => _resources.Update(job, properties)) ?? stored, false, true)
            : (stored, false, false);
    }

    private async Task RunAsync(JobRun run, CancellationToken cancellationToken)
    {
        while (Next(run) is var (status, before))
        {
            await tasks.WaitAsync(before, cancellationToken);
            Enter(run.Id, status, status == "Failed" && run is { BreachTag: { } tag, BreachText: { } text } ? (tag, text) : null);
        }
    }

    private async Task CancelAsync(JobCancellation cancellation, CancellationToken cancellationToken)
    {
        await tasks.WaitAsync(options.Value.Clock.Endpoint, cancellationToken);
        journal.Commit(() =>
        {
            Enter(cancellation.Id, "Canceled");
            operations.End(cancellation.Operation);
        });
    }

    // The next status depends on the stored job, so that a restarted simulator continues from there.
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

    // The job is completed and its models are registered in one change, so that a restart does not register the models twice.
    private void Enter(string id, string status, (string Tag, string Text)? breach = null) => journal.Commit(() =>
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

        var properties = job.GetOrAddObject("properties");
        properties["status"] = status;
        if (breach is { } text)
        {
            properties.GetOrAddObject("tags")[text.Tag] = text.Text;
        }

        Stamp(properties.GetOrAddObject("properties"), status);
        SystemData.Touch(job, time.GetUtcNow());
        return true;
    }

    private void Stamp(JsonObject properties, string status)
    {
        if (status == "Running")
        {
            properties["StartTimeUtc"] = time.GetUtcNow().ToAzureTime();
        }
        else if (IsFinal(status))
        {
            properties["EndTimeUtc"] = time.GetUtcNow().ToAzureTime();
        }
    }

    // After a request to cancel, the only next status is Canceled. A final status does not change.
    private static bool Advances(JsonObject job, string status) => job.Text("properties", "status") switch
    {
        "CancelRequested" => status == "Canceled",
        var now => !IsFinal(now),
    };

    internal sealed record JobRun(string Id, bool Fails, string? BreachTag, string? BreachText);

    internal sealed record JobCancellation(string Id, string Operation);
}
