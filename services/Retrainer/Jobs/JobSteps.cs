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

/// <summary>The steps of a retraining with a job. The name of a job is derived from the run of the action, so a repeated step does not create a second job.</summary>
internal sealed class JobSteps(
    IJobs jobs, JobFollower follower, IChainRecords chains, RunAttempts attempts, IOptions<StudioOptions> studio, IOptions<RetrainerOptions> options)
{
    /// <summary>The job exists.</summary>
    public const string Submitted = "job-submitted";

    /// <summary>The name of the action's current job: the submitted job, or else the job to submit.</summary>
    public static string NameOf(ActionRecord record) => record.State.GetValueOrDefault(JobFollower.JobName) ?? NameOf(RunAttempts.IdOf(record));

    /// <summary>The name of the job of a run with this id.</summary>
    public static string NameOf(string remoteId) => $"mlevents-{remoteId}";

    /// <summary>Executes the step of the record's stage.</summary>
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
        var name = NameOf(RunAttempts.IdOf(record));
        var job = await FindEarlierAsync(record, plan, workspace, cancellationToken)
            ?? await jobs.GetOrCreateAsync(workspace, name, AddTags(plan.Job, record), cancellationToken);
        await SaveChainAsync(record, plan, job, cancellationToken);
        return new Continue(Submitted, options.Value.PollInterval)
        {
            Detail = $"job {job.Name} submitted",
            Links = new Dictionary<string, Uri> { ["job"] = job.StudioUrl ?? StudioLinks.Run(studio.Value.StudioBase, Workspace.Parse(plan.WorkspaceId), job.Name) },
            State = new Dictionary<string, string>(attempts.Started()) { [JobFollower.JobName] = job.Name },
        };
    }

    // Azure does not copy the tags of a job to the models that the job registers. The services find the chain of a model by its job.
    private Task SaveChainAsync(ActionRecord record, JobPlan plan, Job job, CancellationToken cancellationToken) =>
        JoinedChain.From(record.ToTags()) is { } chain ? chains.SaveJobAsync(plan.WorkspaceId, job.Name, chain, cancellationToken) : Task.CompletedTask;

    // An operator's retry continues the job of an earlier generation if that job is active or has completed. Only the first run of a generation looks for such a job. A later
    // run starts only after the earlier runs of its own generation have ended without success.
    private async Task<Job?> FindEarlierAsync(ActionRecord record, JobPlan plan, ResourceIdentifier workspace, CancellationToken cancellationToken)
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

    private static JsonObject AddTags(JsonObject planned, ActionRecord record)
    {
        var job = planned.DeepClone().AsObject();
        foreach (var (name, value) in record.ToTags())
        {
            job.Member("tags")[name] = value;
        }

        return job;
    }
}
