using System.Text.Json.Nodes;

using Azure.Core;

using Microsoft.Extensions.Options;

using MLEvents.AzureML.Jobs;
using MLEvents.Events;
using MLEvents.Ledger;
using MLEvents.Ledger.Chains;
using MLEvents.Retrainer.Runs;
using MLEvents.Rules.Plans;
using MLEvents.ServiceDefaults;

namespace MLEvents.Retrainer.Jobs;

/// <summary>The steps of a retraining by a job: submit it under a name derived from the action, so that there can be only one; follow it to its end.</summary>
internal sealed class JobSteps(IJobs jobs, IChainRecords chains, RunAttempts attempts, IOptions<StudioOptions> studio, IOptions<RetrainerOptions> options)
{
    /// <summary>The job exists.</summary>
    public const string Submitted = "job-submitted";

    private const string JobName = "jobName";

    /// <summary>The name of an action's current job: that of the submitted one, else that of the one to submit.</summary>
    public static string NameOf(ActionRecord record) => record.State.GetValueOrDefault(JobName) ?? NameOf(RunAttempts.IdOf(record));

    /// <summary>Takes the next step.</summary>
    public Task<StepResult> StepAsync(ActionRecord record, JobPlan plan, CancellationToken cancellationToken)
    {
        var workspace = new ResourceIdentifier(plan.WorkspaceId);
        return record.Stage switch
        {
            Submitted => FollowAsync(record, plan, workspace, cancellationToken),
            RunAttempts.Cancelling => StopAsync(record, plan, workspace, cancellationToken),
            _ => SubmitAsync(record, plan, workspace, cancellationToken),
        };
    }

    /// <summary>Cancels the action's job for an operator.</summary>
    public async Task<CancelAnswer?> CancelAsync(ActionRecord record, JobPlan plan, CancellationToken cancellationToken)
    {
        var (workspace, name) = (new ResourceIdentifier(plan.WorkspaceId), NameOf(record));
        switch (await jobs.GetAsync(workspace, name, cancellationToken))
        {
            case null:
                return new CancelAnswer(true, $"there is no job {name}");
            case { IsTerminal: true } job:
                return new CancelAnswer(true, $"job {name} had ended as {job.Status}");
            default:
                await jobs.CancelAsync(workspace, name, cancellationToken);
                return new CancelAnswer(true, $"Azure accepted the cancellation of job {name}");
        }
    }

    private async Task<StepResult> SubmitAsync(ActionRecord record, JobPlan plan, ResourceIdentifier workspace, CancellationToken cancellationToken)
    {
        // A run after the first is a new one: the earlier ones of this generation ended badly.
        var name = NameOf(RunAttempts.IdOf(record));
        var job = await EarlierAsync(record, plan, workspace, cancellationToken)
            ?? await jobs.CreateOrUpdateAsync(workspace, name, Tagged(plan.Job, record), cancellationToken);
        await RememberChainAsync(record, plan, job, cancellationToken);
        return new Continue(Submitted, options.Value.PollInterval)
        {
            Detail = $"job {job.Name} submitted",
            Links = new Dictionary<string, Uri> { ["job"] = job.StudioUrl ?? StudioLinks.Run(studio.Value.StudioBase, Workspace.Parse(plan.WorkspaceId), job.Name) },
            State = new Dictionary<string, string>(attempts.Started()) { [JobName] = job.Name },
        };
    }

    // Azure copies no tags from the job to the models that it registers; the services find the chain of a model by its job.
    private Task RememberChainAsync(ActionRecord record, JobPlan plan, Job job, CancellationToken cancellationToken) =>
        JoinedChain.From(record.ToTags()) is { } chain ? chains.SaveJobAsync(plan.WorkspaceId, job.Name, chain, cancellationToken) : Task.CompletedTask;

    // A retry by an operator continues a job that has not failed: it may still run, or have completed.
    private async Task<Job?> EarlierAsync(ActionRecord record, JobPlan plan, ResourceIdentifier workspace, CancellationToken cancellationToken)
    {
        foreach (var earlier in RunAttempts.NumberOf(record) == 1 ? RunAttempts.EarlierIdsOf(record, plan) : [])
        {
            if (await jobs.GetAsync(workspace, NameOf(earlier), cancellationToken) is { } job)
            {
                return !job.IsTerminal || JobStatus.IsCompleted(job.Status) ? job : null;
            }
        }

        return null;
    }

    private async Task<StepResult> FollowAsync(ActionRecord record, JobPlan plan, ResourceIdentifier workspace, CancellationToken cancellationToken)
    {
        var name = NameOf(record);
        return await jobs.GetAsync(workspace, name, cancellationToken) switch
        {
            null => new Failed { Detail = $"job {name} does not exist any more" },
            { IsTerminal: false } job => await WaitAsync(record, plan, workspace, job, cancellationToken),
            { } job when JobStatus.IsCompleted(job.Status) => new Succeeded { Detail = $"job {name} completed" },
            { } job => RunAttempts.End(record, plan, job.Status, $"job {name} ended as {job.Status}: {JobJson.ErrorOf(job.Properties) ?? "it gives no reason; see its page"}"),
        };
    }

    private async Task<StepResult> WaitAsync(ActionRecord record, JobPlan plan, ResourceIdentifier workspace, Job job, CancellationToken cancellationToken)
    {
        var hasStopped = JobStatus.Is(job.Status, JobStatus.NotResponding) && plan.Retry?.On.Contains(JobStatus.NotResponding, StringComparer.Ordinal) == true;
        var isOverdue = attempts.IsOverdue(record, plan, out var limit);
        if (!hasStopped && !isOverdue)
        {
            return new Continue(Submitted, options.Value.PollInterval) { Detail = $"job {job.Name} is {job.Status}" };
        }

        await jobs.CancelAsync(workspace, job.Name, cancellationToken);
        return hasStopped
            ? attempts.Cancel(JobStatus.NotResponding, $"job {job.Name} does not respond")
            : attempts.Cancel(RunAttempts.TimedOut, $"job {job.Name} was still {job.Status} after {limit}");
    }

    private async Task<StepResult> StopAsync(ActionRecord record, JobPlan plan, ResourceIdentifier workspace, CancellationToken cancellationToken)
    {
        var job = await jobs.GetAsync(workspace, NameOf(record), cancellationToken);
        return job is not null && JobStatus.IsCompleted(job.Status)
            ? new Succeeded { Detail = $"job {job.Name} completed before it could be cancelled" }
            : attempts.Cancelled(record, plan, job?.Status ?? "no such job", job is null or { IsTerminal: true });
    }

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
