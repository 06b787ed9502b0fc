using System.Globalization;

using Azure.Core;

using MLEvents.AzureML.DataFactory;
using MLEvents.Ledger;
using MLEvents.Retrainer.Runs;
using MLEvents.Rules.Plans;

namespace MLEvents.Retrainer.DataFactory;

/// <summary>Finds the runs of an action in Data Factory. A run is found by the parameter that contains its id. A rerun is found by the group that it shares with the first run.</summary>
internal sealed class FactoryRuns(IDataFactoryPipelines pipelines, TimeProvider time)
{
    /// <summary>The key in the record's state. Its value is the time when the step recorded its intent to start the run.</summary>
    public const string RequestedAt = "requestedAt";

    private const string RunId = "runId";
    private const string KnownRuns = "runs";

    // Data Factory compares times with its own clock, which may differ from the clock of this service.
    private static readonly TimeSpan ClockSkew = TimeSpan.FromMinutes(5);

    /// <summary>The id of the current run.</summary>
    public static string IdOf(ActionRecord record) => record.State[RunId];

    /// <summary>The state of an action whose run is known: the id of the run, and the ids of all runs of the action.</summary>
    public static Dictionary<string, string> Known(ActionRecord record, string runId) => new()
    {
        [RunId] = runId,
        [KnownRuns] = string.Join(',', KnownOf(record).Append(runId).Distinct()),
    };

    /// <summary>Finds an existing run: a step started it without recording the result, or an earlier generation started it and it has not failed. Null if there is none.</summary>
    public async Task<PipelineRun?> FindAsync(ActionRecord record, FactoryPlan plan, ResourceIdentifier pipeline, CancellationToken cancellationToken)
    {
        var since = DateTimeOffset.Parse(record.State[RequestedAt], CultureInfo.InvariantCulture) - ClockSkew;
        if (await pipelines.FindRunAsync(pipeline, ActionTags.ActionParameter, RunAttempts.IdOf(record), since, cancellationToken) is { } own)
        {
            return own;
        }

        if (await FindFailedAsync(record, plan, pipeline, cancellationToken) is { } failed)
        {
            return await FindRerunAsync(record, pipeline, failed, cancellationToken);
        }

        return RunAttempts.NumberOf(record) == 1 && await FindEarlierAsync(record, plan, pipeline, cancellationToken) is { } run && !HasFailed(run) ? run : null;
    }

    /// <summary>Finds the failed run that the next run continues; null if the next run starts from the beginning.</summary>
    public async Task<PipelineRun?> FindFailedAsync(ActionRecord record, FactoryPlan plan, ResourceIdentifier pipeline, CancellationToken cancellationToken)
    {
        if (plan.Retry is not { FromFailure: true })
        {
            return null;
        }

        var run = RunAttempts.NumberOf(record) > 1
            ? await pipelines.GetRunAsync(pipeline.Parent ?? pipeline, IdOf(record), cancellationToken)
            : await FindEarlierAsync(record, plan, pipeline, cancellationToken);
        return run is not null && HasFailed(run) ? run : null;
    }

    // Reruns have the parameters of the first run, so only the group identifies them.
    private async Task<PipelineRun?> FindRerunAsync(ActionRecord record, ResourceIdentifier pipeline, PipelineRun failed, CancellationToken cancellationToken)
    {
        var known = KnownOf(record).Append(failed.RunId).ToHashSet(StringComparer.Ordinal);
        var all = await pipelines.QueryRunsAsync(pipeline.Parent ?? pipeline, pipeline.Name, record.CreatedAt - ClockSkew, time.GetUtcNow() + ClockSkew, cancellationToken);
        return all.FirstOrDefault(run => run.GroupId == failed.GroupId && !known.Contains(run.RunId) && !(run.RunStart < failed.RunStart));
    }

    private async Task<PipelineRun?> FindEarlierAsync(ActionRecord record, FactoryPlan plan, ResourceIdentifier pipeline, CancellationToken cancellationToken)
    {
        foreach (var earlier in RunAttempts.EarlierIdsOf(record, plan))
        {
            if (await pipelines.FindRunAsync(pipeline, ActionTags.ActionParameter, earlier, record.CreatedAt - ClockSkew, cancellationToken) is { } run)
            {
                return run;
            }
        }

        return null;
    }

    private static bool HasFailed(PipelineRun run) => run.IsTerminal && !PipelineRunStatus.IsSucceeded(run.Status);

    private static string[] KnownOf(ActionRecord record) => record.State.GetValueOrDefault(KnownRuns)?.Split(',') ?? [];
}
