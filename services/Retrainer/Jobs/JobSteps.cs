using System.Text.Json.Nodes;

using Azure.Core;

using Microsoft.Extensions.Options;

using MLEvents.AzureML.Jobs;
using MLEvents.Events;
using MLEvents.Ledger;
using MLEvents.Rules.Plans;
using MLEvents.ServiceDefaults;

namespace MLEvents.Retrainer.PipelineJobs;

/// <summary>The steps of a retraining by a pipeline job: submit it under a name derived from the action, so that there can be only one; follow it.</summary>
internal sealed class JobSteps(IJobs jobs, IOptions<StudioOptions> studio, IOptions<RetrainerOptions> options, TimeProvider time)
{
    /// <summary>The job exists.</summary>
    public const string Submitted = "job-submitted";

    private const string NameFact = "jobName";

    /// <summary>The name of an action's job: the submitted one, or the one that will be submitted.</summary>
    public static string NameOf(ActionRecord record) => record.State.GetValueOrDefault(NameFact) ?? NameOf(record.RemoteId);

    public Task<StepResult> StepAsync(ActionRecord record, JobPlan plan, CancellationToken cancellationToken)
    {
        var workspace = new ResourceIdentifier(plan.WorkspaceId);
        return record.Stage == Submitted
            ? FollowAsync(record, workspace, cancellationToken)
            : SubmitAsync(record, plan, workspace, cancellationToken);
    }

    private async Task<StepResult> SubmitAsync(ActionRecord record, JobPlan plan, ResourceIdentifier workspace, CancellationToken cancellationToken)
    {
        var job = await EarlierAsync(record, workspace, cancellationToken)
            ?? await jobs.CreateOrUpdateAsync(workspace, NameOf(record), Tagged(plan.Job, record), cancellationToken);
        return new Continue(Submitted, options.Value.PollInterval)
        {
            Detail = $"job {job.Name} submitted",
            Links = new Dictionary<string, Uri> { ["job"] = job.StudioUrl ?? StudioLinks.Run(studio.Value.StudioBase, Workspace.Parse(plan.WorkspaceId), job.Name) },
            State = new Dictionary<string, string> { [NameFact] = job.Name },
        };
    }

    // An operator's retry continues a job that has not failed: a job that is no longer followed may still run, or have completed.
    private async Task<Job?> EarlierAsync(ActionRecord record, ResourceIdentifier workspace, CancellationToken cancellationToken)
    {
        foreach (var earlier in record.EarlierRemoteIds)
        {
            if (await jobs.GetAsync(workspace, NameOf(earlier), cancellationToken) is { } job)
            {
                return !job.IsTerminal || JobStatus.IsCompleted(job.Status) ? job : null;
            }
        }

        return null;
    }

    private async Task<StepResult> FollowAsync(ActionRecord record, ResourceIdentifier workspace, CancellationToken cancellationToken)
    {
        var name = NameOf(record);
        return await jobs.GetAsync(workspace, name, cancellationToken) switch
        {
            null => new Failed { Detail = $"job {name} is not there any more" },
            { IsTerminal: false } job => Wait(record, job),
            { } job when JobStatus.IsCompleted(job.Status) => new Succeeded { Detail = $"job {name} completed" },
            { } job => new Failed { Detail = $"job {name} ended as {job.Status}: {JobJson.ErrorOf(job.Properties) ?? "it gives no reason; see its page"}" },
        };
    }

    private StepResult Wait(ActionRecord record, Job job) => time.GetUtcNow() - record.BegunAt < options.Value.LongestRun
        ? new Continue(Submitted, options.Value.PollInterval) { Detail = $"job {job.Name} is {job.Status}" }
        : new Failed { Detail = $"job {job.Name} is still {job.Status} after {options.Value.LongestRun}; it is not followed any longer" };

    private static string NameOf(string remoteId) => $"mlevents-{remoteId}";

    private static JsonObject Tagged(JsonObject planned, ActionRecord record)
    {
        var job = planned.DeepClone().AsObject();
        foreach (var (name, value) in record.ToTags())
        {
            job.Member("tags")[name] = value;
        }

        return job;
    }
}
