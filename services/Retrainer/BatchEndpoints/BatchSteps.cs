using System.Globalization;

using Azure.Core;

using Microsoft.Extensions.Options;

using MLEvents.AzureML.BatchEndpoints;
using MLEvents.AzureML.Errors;
using MLEvents.AzureML.Jobs;
using MLEvents.Events;
using MLEvents.Ledger;
using MLEvents.Ledger.Chains;
using MLEvents.Retrainer.Jobs;
using MLEvents.Retrainer.Runs;
using MLEvents.Rules.Plans;
using MLEvents.ServiceDefaults;

namespace MLEvents.Retrainer.BatchEndpoints;

/// <summary>
/// The steps of a retraining with a batch endpoint. An invocation has no documented idempotency key, so a step first records that the endpoint will be invoked. After a crash or a
/// lost response, the next step searches for the job before it invokes the endpoint again.
/// </summary>
internal sealed class BatchSteps(
    IBatchEndpoints endpoints, IJobs jobs, BatchJobs created, JobFollower follower, IChainRecords chains, RunAttempts attempts, IOptions<StudioOptions> studio, IOptions<RetrainerOptions> options, TimeProvider time)
{
    /// <summary>The record says that the endpoint will be invoked, and the endpoint may have been invoked.</summary>
    public const string Requested = "invocation-requested";

    /// <summary>The job exists and its name is known.</summary>
    public const string Invoked = "endpoint-invoked";

    /// <summary>Executes the step of the record's stage.</summary>
    public Task<StepResult> StepAsync(ActionRecord record, BatchPlan plan, CancellationToken cancellationToken)
    {
        var workspace = new ResourceIdentifier(plan.WorkspaceId);
        return record.Stage switch
        {
            Requested => InvokeAsync(record, plan, workspace, cancellationToken),
            Invoked => TagAsync(record, plan, workspace, cancellationToken),
            JobSteps.Submitted => follower.FollowAsync(record, plan, workspace, JobOf(record), cancellationToken),
            RunAttempts.Cancelling => follower.StopAsync(record, plan, workspace, JobOf(record), cancellationToken),
            _ => Task.FromResult<StepResult>(RecordIntent()),
        };
    }

    /// <summary>Cancels the action's job for an operator.</summary>
    public async Task<CancelAnswer?> CancelAsync(ActionRecord record, BatchPlan plan, CancellationToken cancellationToken)
    {
        var workspace = new ResourceIdentifier(plan.WorkspaceId);
        switch (record.Stage)
        {
            case Invoked:
                return await jobs.GetAsync(workspace, JobOf(record), cancellationToken) is not null
                    ? await follower.CancelAsync(workspace, JobOf(record), cancellationToken)
                    : new CancelAnswer(false, $"Job {JobOf(record)} was not found; a job that was just created may not be readable yet.");
            case JobSteps.Submitted or RunAttempts.Cancelling:
                return await follower.CancelAsync(workspace, JobOf(record), cancellationToken);
            case Requested when RunAttempts.MayHaveStarted(record):
                var (job, doubt) = await created.FindAsync(record, plan, workspace, cancellationToken);
                return job is not null ? await follower.CancelAsync(workspace, job.Name, cancellationToken)
                    : doubt is not null ? new CancelAnswer(false, $"{doubt}.")
                    : attempts.NotStarted(record, "no job was started");
            default:
                return new CancelAnswer(true, "no job was started");
        }
    }

    private static string JobOf(ActionRecord record) => record.State[JobFollower.JobName];

    private Continue RecordIntent() => new(Requested, TimeSpan.Zero)
    {
        State = new Dictionary<string, string> { [BatchJobs.RequestedAt] = time.GetUtcNow().ToString("O", CultureInfo.InvariantCulture) },
    };

    private async Task<StepResult> InvokeAsync(ActionRecord record, BatchPlan plan, ResourceIdentifier workspace, CancellationToken cancellationToken)
    {
        if (record.Interrupted)
        {
            // The interrupted step may have invoked the endpoint a moment ago, and Azure lists a new job with a delay.
            await Task.Delay(options.Value.RunListingDelay, time, cancellationToken);
        }

        if (RunAttempts.MayHaveStarted(record) || record.EarlierRemoteIds.Any())
        {
            var (job, doubt) = await created.FindAsync(record, plan, workspace, cancellationToken);
            if (job is not null || doubt is not null)
            {
                return job is not null ? Started(plan, job.Name) : new Failed { Detail = doubt };
            }
        }

        try
        {
            return Started(plan, await endpoints.InvokeAsync(workspace, plan.Endpoint, plan.Deployment, BatchJobs.CreateInvocation(record, plan), cancellationToken));
        }
        catch (AzureException exception) when (exception.IsTransient)
        {
            // Azure may still have created the job. The next attempt waits until Azure can list the job, and then searches for the job first.
            var wait = exception.RetryAfter > options.Value.RunListingDelay ? exception.RetryAfter.Value : options.Value.RunListingDelay;
            return new Retry(wait) { Detail = exception.ToText() };
        }
    }

    // The tags identify the action in the events of the job and of its results. Azure does not document that it copies the tags of an invocation to the job.
    private async Task<StepResult> TagAsync(ActionRecord record, BatchPlan plan, ResourceIdentifier workspace, CancellationToken cancellationToken)
    {
        var name = JobOf(record);
        if (JoinedChain.From(record.ToTags()) is { } chain)
        {
            // With this record, the models of the job join the chain even if Azure refuses the tags.
            await chains.SaveJobAsync(plan.WorkspaceId, name, chain, cancellationToken);
        }

        try
        {
            return await jobs.AddTagsAsync(workspace, name, ActionTags.ForRun(record), cancellationToken)
                ? new Continue(JobSteps.Submitted, options.Value.PollInterval) { Detail = $"job {name} submitted" }
                : new Retry { Detail = $"job {name} was not found; it will be read again" };
        }
        catch (AzureException exception) when (!exception.IsTransient)
        {
            return new Continue(JobSteps.Submitted, options.Value.PollInterval) { Detail = $"job {name} submitted; its events do not name the action, because Azure refused the tags: {exception.ToText()}" };
        }
    }

    private Continue Started(BatchPlan plan, string name) => new(Invoked, TimeSpan.Zero)
    {
        Detail = $"the batch endpoint {plan.Endpoint} created job {name}",
        Links = new Dictionary<string, Uri> { ["job"] = StudioLinks.Run(studio.Value.StudioBase, Workspace.Parse(plan.WorkspaceId), name) },
        State = new Dictionary<string, string>(attempts.Started()) { [JobFollower.JobName] = name },
    };
}
