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

/// <summary>The steps of a retraining with a job. The job's name is derived from the action, so that the action has only one job; the steps then follow the job to its end.</summary>
internal sealed class JobSteps(
    IJobs jobs, JobFollower follower, IChainRecords chains, RunAttempts attempts, IOptions<StudioOptions> studio, IOptions<RetrainerOptions> options)
{
    /// <summary>The job exists.</summary>
    public const string Submitted = "job-submitted";

    /// <summary>The name of an action's current job: the submitted job if there is one, otherwise the job to submit.</summary>
    public static string NameOf(ActionRecord record) => record.State.GetValueOrDefault(JobFollower.JobName) ?? NameOf(RunAttempts.IdOf(record));

    /// <summary>The name of the job of a run.</summary>
    public static string NameOf(string remoteId) => $"mlevents-{remoteId}";

    /// <summary>Takes the next step.</summary>
    public Task<StepResult> StepAsync(ActionRecord record, JobPlan plan, CancellationToken cancellationToken)
    {
        var workspace = new ResourceIdentifier(plan.WorkspaceId);
        return record.Stage switch
        {
            Submitted => follower.FollowAsync(record, plan, workspace, NameOf(record), cancellationToken),
            RunAttempts.Cancelling => follower.StopAsync(record, plan, workspace, NameOf(record), cancellationToken),
            _ => SubmitAsync(record, plan, workspace, cancellationToken),
        };
    }

    /// <summary>Cancels the action's job for an operator.</summary>
    public async Task<CancelAnswer?> CancelAsync(ActionRecord record, JobPlan plan, CancellationToken cancellationToken) =>
        await follower.CancelAsync(new ResourceIdentifier(plan.WorkspaceId), NameOf(record), cancellationToken);

    private async Task<StepResult> SubmitAsync(ActionRecord record, JobPlan plan, ResourceIdentifier workspace, CancellationToken cancellationToken)
    {
        // Each run after the first one is new, because the earlier runs of this generation ended without success.
        var name = NameOf(RunAttempts.IdOf(record));
        var job = await EarlierAsync(record, plan, workspace, cancellationToken)
            ?? await jobs.CreateOrUpdateAsync(workspace, name, Tagged(plan.Job, record), cancellationToken);
        await RememberChainAsync(record, plan, job, cancellationToken);
        return new Continue(Submitted, options.Value.PollInterval)
        {
            Detail = $"job {job.Name} submitted",
            Links = new Dictionary<string, Uri> { ["job"] = job.StudioUrl ?? StudioLinks.Run(studio.Value.StudioBase, Workspace.Parse(plan.WorkspaceId), job.Name) },
            State = new Dictionary<string, string>(attempts.Started()) { [JobFollower.JobName] = job.Name },
        };
    }

    // Azure copies no tags from the job to the models that it registers. The services find the chain of a model by its job.
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
