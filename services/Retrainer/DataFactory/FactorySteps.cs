using System.Globalization;
using System.Text.Json.Nodes;

using Azure.Core;

using Microsoft.Extensions.Options;

using MLEvents.AzureML;
using MLEvents.AzureML.DataFactory;
using MLEvents.AzureML.Errors;
using MLEvents.AzureML.Jobs;
using MLEvents.Events;
using MLEvents.Ledger;
using MLEvents.Retrainer.Runs;
using MLEvents.Rules.Plans;

namespace MLEvents.Retrainer.DataFactory;

/// <summary>
/// The steps of a retraining with a Data Factory run. Data Factory has no idempotency key, so the first step records that a run will be started. The next step
/// searches for this run in Data Factory (<see cref="FactoryRuns.FindAsync"/>), and starts it only if Data Factory does not list it. After a crash or a lost response,
/// a second run starts only if Data Factory lists the first run later than <see cref="RetrainerOptions.RunListingDelay"/>.
/// </summary>
internal sealed class FactorySteps(
    IDataFactoryPipelines pipelines, FactoryRuns runs, RunAttempts attempts, IOptions<AzureMLOptions> azure, IOptions<RetrainerOptions> options, TimeProvider time)
{
    /// <summary>The record says that a run will be started, and the run may have been started.</summary>
    public const string Requested = "run-requested";

    /// <summary>The run exists and its id is known.</summary>
    public const string Started = "run-started";

    private const string Parameters = "parameters";
    private const int BadRequest = 400;

    /// <summary>Executes the step of the record's stage.</summary>
    public Task<StepResult> StepAsync(ActionRecord record, FactoryPlan plan, CancellationToken cancellationToken)
    {
        var pipeline = new ResourceIdentifier(plan.PipelineId);
        return record.Stage switch
        {
            Requested => StartAsync(record, plan, pipeline, cancellationToken),
            Started => FollowAsync(record, plan, pipeline, cancellationToken),
            RunAttempts.Cancelling => StopAsync(record, plan, pipeline, cancellationToken),
            _ => RecordIntentAsync(record, plan, pipeline, cancellationToken),
        };
    }

    /// <summary>Cancels the action's run for an operator.</summary>
    public async Task<CancelAnswer?> CancelAsync(ActionRecord record, FactoryPlan plan, CancellationToken cancellationToken)
    {
        var pipeline = new ResourceIdentifier(plan.PipelineId);
        var run = record.Stage switch
        {
            Started or RunAttempts.Cancelling => await pipelines.GetRunAsync(FactoryOf(pipeline), FactoryRuns.IdOf(record), cancellationToken),
            Requested => await runs.FindAsync(record, plan, pipeline, cancellationToken),
            _ => null,
        };
        return run switch
        {
            null when record.Stage == Requested => attempts.NotStarted(record, "no run was started"),
            null when record.Stage == Started => new CancelAnswer(false, $"Run {FactoryRuns.IdOf(record)} was not found; a run that has just started may not be readable yet."),
            null => new CancelAnswer(true, record.Stage == RunAttempts.Cancelling ? $"run {FactoryRuns.IdOf(record)} no longer exists" : "no run was started"),
            { IsTerminal: true } => Ended(run),
            _ => await CancelAsync(pipeline, run, cancellationToken),
        };
    }

    private async Task<CancelAnswer> CancelAsync(ResourceIdentifier pipeline, PipelineRun run, CancellationToken cancellationToken)
    {
        try
        {
            await pipelines.CancelRunAsync(FactoryOf(pipeline), run.RunId, cancellationToken);
            return new CancelAnswer(true, $"Azure accepted the cancellation of run {run.RunId}");
        }
        catch (AzureException exception) when (exception.Status == BadRequest)
        {
            // Data Factory answers 400 if the run has ended since it was read.
            if (await pipelines.GetRunAsync(FactoryOf(pipeline), run.RunId, cancellationToken) is { IsTerminal: true } ended)
            {
                return Ended(ended);
            }

            throw;
        }
    }

    private static CancelAnswer Ended(PipelineRun run) => new(true, $"run {run.RunId} had ended as {run.Status}");

    // Data Factory silently drops parameters that the pipeline does not declare, including the action's id. The step therefore checks the declared parameters before the run starts.
    private async Task<StepResult> RecordIntentAsync(ActionRecord record, FactoryPlan plan, ResourceIdentifier pipeline, CancellationToken cancellationToken)
    {
        if (await pipelines.GetParametersAsync(pipeline, cancellationToken) is not { } declared)
        {
            return new Failed { Detail = $"pipeline {pipeline.Name} does not exist in factory {FactoryOf(pipeline).Name}" };
        }

        var (values, error) = FactoryParameters.Convert(CreateParameters(record, plan, declared), declared);
        return error is not null
            ? new Failed { Detail = $"no run was started: {error}" }
            : new Continue(Requested, TimeSpan.Zero)
            {
                State = new Dictionary<string, string>
                {
                    [FactoryRuns.RequestedAt] = time.GetUtcNow().ToString("O", CultureInfo.InvariantCulture),
                    [Parameters] = values?.ToJsonString() ?? "{}",
                },
            };
    }

    private async Task<StepResult> StartAsync(ActionRecord record, FactoryPlan plan, ResourceIdentifier pipeline, CancellationToken cancellationToken)
    {
        if (record.Interrupted)
        {
            // The interrupted step may have started a run a moment ago, and Data Factory lists a new run with a delay.
            await Task.Delay(options.Value.RunListingDelay, time, cancellationToken);
        }

        if (await runs.FindAsync(record, plan, pipeline, cancellationToken) is { } run)
        {
            return Follow(record, pipeline, run.RunId);
        }

        try
        {
            var rerunOf = (await runs.FindFailedAsync(record, plan, pipeline, cancellationToken))?.RunId;
            var parameters = rerunOf is null ? ReadParameters(record, plan) : [];
            return Follow(record, pipeline, await pipelines.CreateRunAsync(pipeline, parameters, rerunOf, cancellationToken));
        }
        catch (AzureException exception) when (exception.IsTransient)
        {
            // Data Factory may still have started the run. The next attempt waits until Data Factory can list the run, and then searches for the run first.
            var wait = exception.RetryAfter > options.Value.RunListingDelay ? exception.RetryAfter.Value : options.Value.RunListingDelay;
            return new Retry(wait) { Detail = exception.ToText() };
        }
    }

    private async Task<StepResult> FollowAsync(ActionRecord record, FactoryPlan plan, ResourceIdentifier pipeline, CancellationToken cancellationToken)
    {
        var runId = FactoryRuns.IdOf(record);
        return await pipelines.GetRunAsync(FactoryOf(pipeline), runId, cancellationToken) switch
        {
            // A run that has just started may not be readable yet.
            null => new Retry { Detail = $"run {runId} was not found; it will be read again" },
            { IsTerminal: false } run => await WaitAsync(record, plan, pipeline, run, cancellationToken),
            { } run when PipelineRunStatus.IsSucceeded(run.Status) => new Succeeded { Detail = $"run {runId} of {run.PipelineName} succeeded" },
            { } run => RunAttempts.End(record, plan, EndOf(run), $"run {runId} of {run.PipelineName} ended as {run.Status}: {Reason(run)}"),
        };
    }

    private async Task<StepResult> WaitAsync(ActionRecord record, FactoryPlan plan, ResourceIdentifier pipeline, PipelineRun run, CancellationToken cancellationToken)
    {
        if (!attempts.IsOverdue(record, plan, out var limit))
        {
            return new Continue(Started, options.Value.PollInterval) { Detail = $"run {run.RunId} is {run.Status}" };
        }

        try
        {
            await pipelines.CancelRunAsync(FactoryOf(pipeline), run.RunId, cancellationToken);
        }
        catch (AzureException exception) when (exception.Status == BadRequest)
        {
            // Data Factory answers 400 if the run has ended since it was read. The next step reads its status.
        }

        return attempts.Cancel(RunAttempts.TimedOut, $"run {run.RunId} was still {run.Status} after {limit}");
    }

    private async Task<StepResult> StopAsync(ActionRecord record, FactoryPlan plan, ResourceIdentifier pipeline, CancellationToken cancellationToken)
    {
        var run = await pipelines.GetRunAsync(FactoryOf(pipeline), FactoryRuns.IdOf(record), cancellationToken);
        return run is not null && PipelineRunStatus.IsSucceeded(run.Status)
            ? new Succeeded { Detail = $"run {run.RunId} of {run.PipelineName} succeeded before it could be cancelled" }
            : attempts.Cancelled(record, plan, run?.Status ?? "no such run", run is null or { IsTerminal: true });
    }

    private Continue Follow(ActionRecord record, ResourceIdentifier pipeline, string runId) => new(Started, options.Value.PollInterval)
    {
        Detail = $"run {runId} started",
        Links = new Dictionary<string, Uri> { ["run"] = DataFactoryLinks.Run(azure.Value.DataFactoryBase, pipeline, runId) },
        State = new Dictionary<string, string>(attempts.Started().Concat(FactoryRuns.Known(record, runId))),
    };

    private static JsonObject ReadParameters(ActionRecord record, FactoryPlan plan) =>
        record.State.TryGetValue(Parameters, out var stored) ? JsonNode.Parse(stored)?.AsObject() ?? [] : CreateParameters(record, plan, new Dictionary<string, string>());

    private static JsonObject CreateParameters(ActionRecord record, FactoryPlan plan, IReadOnlyDictionary<string, string> declared)
    {
        var given = plan.Parameters.DeepClone().AsObject();
        given[ActionTags.ActionParameter] = RunAttempts.IdOf(record);
        given[ActionTags.CorrelationParameter] = record.CorrelationId;
        if (declared.ContainsKey(ActionTags.PathParameter))
        {
            given[ActionTags.PathParameter] = record.ToTags()[Correlation.PathTag];
        }

        return given;
    }

    private static ResourceIdentifier FactoryOf(ResourceIdentifier pipeline) => pipeline.Parent ?? pipeline;

    // Rules use the status names of Azure Machine Learning.
    private static string EndOf(PipelineRun run) => run.Status.StartsWith("Cancel", StringComparison.OrdinalIgnoreCase) ? JobStatus.Canceled : run.Status;

    private static string Reason(PipelineRun run) => run.Message.Length > 0 ? run.Message : "Data Factory gives no reason; see the page of the run";
}
