using System.Globalization;
using System.Text.Json.Nodes;

using Azure.Core;

using MLEvents.AzureML.Jobs;
using MLEvents.Events;
using MLEvents.Ledger;
using MLEvents.Retrainer.Jobs;
using MLEvents.Retrainer.Runs;
using MLEvents.Rules.Plans;

namespace MLEvents.Retrainer.BatchEndpoints;

/// <summary>
/// Finds the job of an invocation whose response is unknown. The invocation contains the id of the run in the job's name, in a tag, in a property and, if the rule has
/// <c>actionInput</c>, in an input. Azure documents only that the job receives the input.
/// </summary>
internal sealed class BatchJobs(IJobs jobs)
{
    /// <summary>The key in the record's state. Its value is the time when the step recorded its intent to send the invocation.</summary>
    public const string RequestedAt = "requestedAt";

    // Azure compares times with its own clock, which may differ from the clock of this service.
    private static readonly TimeSpan ClockSkew = TimeSpan.FromMinutes(5);

    /// <summary>Returns the properties of an invocation, with the values that identify the action and its run.</summary>
    public static JsonObject CreateInvocation(ActionRecord record, BatchPlan plan)
    {
        var (id, invocation) = (RunAttempts.IdOf(record), plan.Invocation.DeepClone().AsObject());
        invocation["name"] = JobSteps.NameOf(id);
        invocation.Member("properties")[ActionTags.RunTag] = id;
        foreach (var (name, value) in ActionTags.ForRun(record))
        {
            invocation.Member("tags")[name] = value;
        }

        if (plan.ActionInput is { } input)
        {
            invocation.Member("InputData")[input] = new JsonObject { ["JobInputType"] = "Literal", ["Value"] = id };
        }

        return invocation;
    }

    /// <summary>Finds an existing job: a step created it without recording the result, or an earlier generation created it and it has not failed.</summary>
    /// <returns>The job if it exists; or the reason why it is unknown whether a job exists; or two null values if no job exists.</returns>
    public async Task<(Job? Job, string? Doubt)> FindAsync(ActionRecord record, BatchPlan plan, ResourceIdentifier workspace, CancellationToken cancellationToken)
    {
        var id = RunAttempts.IdOf(record);
        if (await jobs.GetAsync(workspace, JobSteps.NameOf(id), cancellationToken) is { } named)
        {
            return (named, null);
        }

        var all = await jobs.ListAsync(workspace, record.CreatedAt - ClockSkew, cancellationToken);
        if (all.FirstOrDefault(job => IsOf(job, id, plan)) is { } own)
        {
            return (own, null);
        }

        return FindEarlier(record, plan, all) is { } earlier ? (earlier, null) : (null, RunAttempts.MayHaveStarted(record) ? FindAmbiguity(record, plan, all) : null);
    }

    private static Job? FindEarlier(ActionRecord record, BatchPlan plan, IReadOnlyList<Job> all)
    {
        var ids = RunAttempts.NumberOf(record) == 1 ? RunAttempts.EarlierIdsOf(record, plan) : [];
        return ids.Select(id => all.FirstOrDefault(job => IsOf(job, id, plan))).FirstOrDefault(job => job is not null) is { } job && (!job.IsTerminal || JobStatus.IsCompleted(job.Status)) ? job : null;
    }

    private static bool IsOf(Job job, string id, BatchPlan plan) =>
        job.Name == JobSteps.NameOf(id) || RunOf(job) == id || (plan.ActionInput is { } input && JobJson.TextAt(job.Properties, "inputs", input, "value") == id);

    private static string? RunOf(Job job) => job.Tags.GetValueOrDefault(ActionTags.RunTag) ?? JobJson.TextAt(job.Properties, "properties", ActionTags.RunTag);

    // Without the input, a job that contains no id may be the job of this invocation, so the step must not start a second job.
    private static string? FindAmbiguity(ActionRecord record, BatchPlan plan, IReadOnlyList<Job> all)
    {
        if (plan.ActionInput is not null)
        {
            return null;
        }

        var since = DateTimeOffset.Parse(record.State[RequestedAt], CultureInfo.InvariantCulture) - ClockSkew;
        var candidates = all.Where(job => !(job.CreatedAt < since) && RunOf(job) is null && !job.Tags.ContainsKey(Correlation.ActionTag) && IsOfEndpoint(job, plan)).Select(job => job.Name).ToList();
        return candidates.Count == 0 ? null
            : $"the answer of batch endpoint {plan.Endpoint} was lost, and {string.Join(", ", candidates)} may be the job of this action; no second job was started. "
                + "Check the job. If it belongs to another action, retry this action. Set 'actionInput' in the rule, so that the action can find its job";
    }

    private static bool IsOfEndpoint(Job job, BatchPlan plan) =>
        JobJson.TextAt(job.Properties, "experimentName") is { } experiment && (experiment == plan.Endpoint || experiment == plan.ExperimentName);
}
