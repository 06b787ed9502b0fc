using System.Globalization;

using Azure.Core;

using Microsoft.Extensions.Options;

using MLEvents.AzureML;
using MLEvents.AzureML.DataFactory;
using MLEvents.AzureML.Errors;
using MLEvents.Ledger;
using MLEvents.Rules.Plans;

namespace MLEvents.Retrainer.DataFactory;

/// <summary>
/// The steps of a retraining by a Data Factory run. Data Factory has no idempotency key, so the intent is recorded first and a run that carries
/// the action's id is looked for before one is started: a crash, or an answer that got lost, does not make two.
/// </summary>
internal sealed class FactorySteps(IDataFactoryPipelines pipelines, IOptions<AzureMLOptions> azure, IOptions<RetrainerOptions> options, TimeProvider time)
{
    /// <summary>The run is meant to be started, and may have been.</summary>
    public const string Requested = "run-requested";

    /// <summary>The run exists and its id is known.</summary>
    public const string Started = "run-started";

    private const string RequestedAt = "requestedAt";
    private const string RunId = "runId";

    // Data Factory compares with its own clock.
    private static readonly TimeSpan ClockSkew = TimeSpan.FromMinutes(5);

    public async Task<StepResult> StepAsync(ActionRecord record, FactoryPlan plan, CancellationToken cancellationToken) => record.Stage switch
    {
        Requested => await StartAsync(record, plan, cancellationToken),
        Started => await FollowAsync(record, plan, cancellationToken),
        _ => Intend(),
    };

    private Continue Intend() => new(Requested, TimeSpan.Zero)
    {
        State = new Dictionary<string, string> { [RequestedAt] = time.GetUtcNow().ToString("O", CultureInfo.InvariantCulture) },
    };

    private async Task<StepResult> StartAsync(ActionRecord record, FactoryPlan plan, CancellationToken cancellationToken)
    {
        var pipeline = new ResourceIdentifier(plan.PipelineId);
        if (await FindAsync(record, pipeline, cancellationToken) is { } run)
        {
            return Follow(pipeline, run.RunId);
        }

        try
        {
            return Follow(pipeline, await pipelines.CreateRunAsync(pipeline, Parameters(record, plan), cancellationToken));
        }
        catch (AzureException unsure) when (unsure.IsTransient)
        {
            // It may have been started all the same: the next attempt looks for it, and must not look before it can be seen.
            var wait = unsure.RetryAfter > options.Value.RunListingDelay ? unsure.RetryAfter.Value : options.Value.RunListingDelay;
            return new Retry(wait) { Detail = unsure.ToText() };
        }
    }

    private async Task<PipelineRun?> FindAsync(ActionRecord record, ResourceIdentifier pipeline, CancellationToken cancellationToken)
    {
        var since = DateTimeOffset.Parse(record.State[RequestedAt], CultureInfo.InvariantCulture) - ClockSkew;
        if (await pipelines.FindRunAsync(pipeline, ActionTags.ActionParameter, record.RemoteId, since, cancellationToken) is { } own)
        {
            return own;
        }

        // An operator's retry continues a run that has not failed: a run that is no longer followed may still run, or have succeeded.
        foreach (var earlier in record.EarlierRemoteIds)
        {
            if (await pipelines.FindRunAsync(pipeline, ActionTags.ActionParameter, earlier, record.CreatedAt - ClockSkew, cancellationToken) is { } run)
            {
                return !run.IsTerminal || PipelineRunStatus.IsSucceeded(run.Status) ? run : null;
            }
        }

        return null;
    }

    private async Task<StepResult> FollowAsync(ActionRecord record, FactoryPlan plan, CancellationToken cancellationToken)
    {
        var pipeline = new ResourceIdentifier(plan.PipelineId);
        var runId = record.State[RunId];
        return await pipelines.GetRunAsync(pipeline.Parent ?? pipeline, runId, cancellationToken) switch
        {
            // A run that started a moment ago may not be readable yet.
            null => new Retry { Detail = $"run {runId} is not there" },
            { IsTerminal: false } run => Wait(record, run),
            { } run when PipelineRunStatus.IsSucceeded(run.Status) => new Succeeded { Detail = $"run {runId} of {run.PipelineName} succeeded" },
            { } run => new Failed { Detail = $"run {runId} of {run.PipelineName} ended as {run.Status}: {Reason(run)}" },
        };
    }

    private Continue Follow(ResourceIdentifier pipeline, string runId) => new(Started, options.Value.PollInterval)
    {
        Detail = $"run {runId} started",
        Links = new Dictionary<string, Uri> { ["run"] = DataFactoryLinks.Run(azure.Value.DataFactoryBase, pipeline, runId) },
        State = new Dictionary<string, string> { [RunId] = runId },
    };

    private StepResult Wait(ActionRecord record, PipelineRun run) => time.GetUtcNow() - record.BegunAt < options.Value.LongestRun
        ? new Continue(Started, options.Value.PollInterval) { Detail = $"run {run.RunId} is {run.Status}" }
        : new Failed { Detail = $"run {run.RunId} is still {run.Status} after {options.Value.LongestRun}; it is not followed any longer" };

    private static Dictionary<string, string> Parameters(ActionRecord record, FactoryPlan plan) => new(plan.Parameters)
    {
        [ActionTags.ActionParameter] = record.RemoteId,
        [ActionTags.CorrelationParameter] = record.CorrelationId,
    };

    private static string Reason(PipelineRun run) => run.Message.Length > 0 ? run.Message : "it gives no reason; see its page";
}
