using Azure.Core;

using Microsoft.Extensions.Options;

using MLEvents.AzureML.Jobs;
using MLEvents.Ledger;
using MLEvents.Retrainer.Runs;
using MLEvents.Rules.Plans;

namespace MLEvents.Retrainer.Jobs;

/// <summary>Follows a submitted job to its end. Cancels a job that exceeds its time limit. Also cancels a job that does not respond, if the rule retries such jobs.</summary>
internal sealed class JobFollower(IJobs jobs, RunAttempts attempts, IOptions<RetrainerOptions> options)
{
    /// <summary>The key in the record's state. Its value is the name of the action's current job.</summary>
    public const string JobName = "jobName";

    /// <summary>Checks a submitted job.</summary>
    public async Task<StepResult> FollowAsync(ActionRecord record, RetrainingPlan plan, ResourceIdentifier workspace, string name, CancellationToken cancellationToken) =>
        await jobs.GetAsync(workspace, name, cancellationToken) switch
        {
            null => new Failed { Detail = $"job {name} no longer exists" },
            { IsTerminal: false } job => await WaitAsync(record, plan, workspace, job, cancellationToken),
            { } job when JobStatus.IsCompleted(job.Status) => new Succeeded { Detail = $"job {name} completed" },
            { } job => RunAttempts.End(record, plan, job.Status, $"job {name} ended as {job.Status}: {JobJson.ErrorOf(job.Properties) ?? "the job contains no reason; see the page of the job"}"),
        };

    /// <summary>Checks a job whose cancellation was requested.</summary>
    public async Task<StepResult> StopAsync(ActionRecord record, RetrainingPlan plan, ResourceIdentifier workspace, string name, CancellationToken cancellationToken)
    {
        var job = await jobs.GetAsync(workspace, name, cancellationToken);
        return job is not null && JobStatus.IsCompleted(job.Status)
            ? new Succeeded { Detail = $"job {job.Name} completed before it could be cancelled" }
            : attempts.Cancelled(record, plan, job?.Status ?? "no such job", job is null or { IsTerminal: true });
    }

    /// <summary>Cancels a job for an operator.</summary>
    public async Task<CancelAnswer> CancelAsync(ResourceIdentifier workspace, string name, CancellationToken cancellationToken)
    {
        switch (await jobs.GetAsync(workspace, name, cancellationToken))
        {
            case null:
                return new CancelAnswer(true, $"job {name} does not exist");
            case { IsTerminal: true } job:
                return new CancelAnswer(true, $"job {name} had ended as {job.Status}");
            default:
                await jobs.CancelAsync(workspace, name, cancellationToken);
                return new CancelAnswer(true, $"Azure accepted the cancellation of job {name}");
        }
    }

    private async Task<StepResult> WaitAsync(ActionRecord record, RetrainingPlan plan, ResourceIdentifier workspace, Job job, CancellationToken cancellationToken)
    {
        var isUnresponsive = JobStatus.Is(job.Status, JobStatus.NotResponding) && plan.Retry?.On.Contains(JobStatus.NotResponding, StringComparer.Ordinal) == true;
        var isOverdue = attempts.IsOverdue(record, plan, out var limit);
        if (!isUnresponsive && !isOverdue)
        {
            return new Continue(JobSteps.Submitted, options.Value.PollInterval) { Detail = $"job {job.Name} is {job.Status}" };
        }

        await jobs.CancelAsync(workspace, job.Name, cancellationToken);
        return isUnresponsive
            ? attempts.Cancel(JobStatus.NotResponding, $"job {job.Name} does not respond")
            : attempts.Cancel(RunAttempts.TimedOut, $"job {job.Name} was still {job.Status} after {limit}");
    }
}
