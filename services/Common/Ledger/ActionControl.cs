using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace MLEvents.Ledger;

/// <summary>What operators do with an action. Each change is conditional on what was read, as the steps' own are: of two that change it at once, one is told.</summary>
internal sealed partial class ActionControl(
    IActionPlanner requests, RecordStore records, PendingIndex pending, FailedIndex failed, ActivityPublisher activity, LedgerTelemetry telemetry,
    IOptions<LedgerOptions> options, TimeProvider time, ILogger<ActionControl> logger)
{
    /// <summary>Begins a failed action anew, in a new generation; with force one that succeeded or was skipped too.</summary>
    public async Task<Controlled> RetryAsync(string id, bool force, CancellationToken cancellationToken)
    {
        while (await FindAsync(id, cancellationToken) is { } there)
        {
            if (ObstacleToRetry(there.Record, force) is { } obstacle)
            {
                return new(there.Record, obstacle);
            }

            var (planned, fault) = await PlannedAsync(there.Record, cancellationToken);
            if (fault is not null)
            {
                return new(there.Record, fault);
            }

            var now = time.GetUtcNow();
            var next = planned.Retried(force, now);
            if (await TryBeginAsync(there, next, now, cancellationToken))
            {
                return new(next);
            }
        }

        return new(null);
    }

    /// <summary>Ends an action that waits. What it has started elsewhere is left alone.</summary>
    public async Task<Controlled> CancelAsync(string id, CancellationToken cancellationToken)
    {
        while (await FindAsync(id, cancellationToken) is { } there)
        {
            if (ObstacleToCancel(there.Record) is { } obstacle)
            {
                return new(there.Record, obstacle);
            }

            var end = there.Record with { Status = ActionStatus.Skipped, Detail = CancelledAt(there.Record.Stage), LeaseOwner = null, LeaseUntil = null, DueAt = null };
            await activity.PublishAsync(end, cancellationToken);
            if (await records.TryUpdateAsync(there, end, cancellationToken))
            {
                LogCancelled(id, end.Rule, end.Stage);
                telemetry.Finished(end);
                await pending.RemoveAsync(id, cancellationToken);
                return new(end);
            }
        }

        return new(null);
    }

    /// <summary>Begins a finished action anew because its event was replayed by force: once for each replay, however often that is delivered.</summary>
    /// <param name="asked">What the rules ask for now. An action that still goes on does so by itself.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    public async Task ReplayAsync(ActionRecord asked, CancellationToken cancellationToken)
    {
        while (await FindAsync(asked.Id, cancellationToken) is { Record.IsFinished: true } there && there.Record.ForcedBy != asked.ForcedBy)
        {
            var now = time.GetUtcNow();
            if (await TryBeginAsync(there, there.Record.Replayed(asked, now), now, cancellationToken))
            {
                return;
            }
        }
    }

    private async Task<bool> TryBeginAsync(Stored there, ActionRecord next, DateTimeOffset now, CancellationToken cancellationToken)
    {
        // In the index before it is written, or a crash would leave it waiting for ever; not due before it is, or the reconciler would see it finished and forget it.
        await pending.AddAsync(next, now + options.Value.Lease, cancellationToken);
        await activity.PublishAsync(next, cancellationToken);
        if (!await records.TryUpdateAsync(there, next, cancellationToken))
        {
            return false;
        }

        LogBegunAnew(next.Id, next.Rule, next.Generation, next.IsForced);
        await pending.AddAsync(next, now, cancellationToken);
        await failed.RemoveAsync(next.Id, now, cancellationToken);
        return true;
    }

    private async Task<Stored?> FindAsync(string id, CancellationToken cancellationToken) =>
        ActionRecord.IsId(id) ? await records.FindAsync(id, cancellationToken) : null;

    private static string? ObstacleToRetry(ActionRecord record, bool force) => record switch
    {
        { IsNewer: true } => Newer(record),
        { IsFinished: false } => $"It is {record.StatusName}, and goes on by itself.",
        { Status: not ActionStatus.Failed } when !force => $"It is {record.StatusName}. With force it is done again.",
        _ => null,
    };

    // A plan stays as it was settled; where there is none yet, the rule may have been corrected since.
    private async Task<(ActionRecord Record, string? Fault)> PlannedAsync(ActionRecord record, CancellationToken cancellationToken)
    {
        if (record.HasPlan)
        {
            return (record, null);
        }

        return (await requests.PlanAsync(record.ReadEvent(), cancellationToken)).FirstOrDefault(request => request.Rule == record.Rule) switch
        {
            null => (record, $"Its rule could not be worked out for its event, and no rule '{record.Rule}' asks for anything because of it now."),
            { Fault: { } fault } => (record, $"Its rule still can't be worked out for its event: {fault}. Correct the rule, and try again."),
            var request => (record with { Plan = request.Plan, Fault = null, RuleVersion = request.RuleVersion }, null),
        };
    }

    private string? ObstacleToCancel(ActionRecord record) => record switch
    {
        { IsNewer: true } => Newer(record),
        { IsFinished: true } => $"It is {record.StatusName} already.",
        { LeaseOwner: not null } when record.LeaseUntil > time.GetUtcNow() => "A step of it is being taken at this moment. Try again in a few seconds.",
        _ => null,
    };

    private static string Newer(ActionRecord record) => $"Its record is of version {record.Version}, which this replica does not know. Ask a newer one.";

    private static string CancelledAt(string stage) => stage.Length == 0 ? "cancelled by an operator" : $"cancelled by an operator at stage '{stage}'; what was started goes on by itself";

    [LoggerMessage(1, LogLevel.Information, "Action {ActionId} of rule {Rule} is begun anew by an operator as generation {Generation}, forced: {IsForced}")]
    private partial void LogBegunAnew(string actionId, string rule, int generation, bool isForced);

    [LoggerMessage(2, LogLevel.Information, "Action {ActionId} of rule {Rule} is cancelled by an operator at stage '{Stage}'")]
    private partial void LogCancelled(string actionId, string rule, string stage);
}

/// <summary>What became of an operator's wish.</summary>
/// <param name="Record">The action as it is now; null if there is none of that id.</param>
/// <param name="Obstacle">Why nothing was changed; null if it was.</param>
internal sealed record Controlled(ActionRecord? Record, string? Obstacle = null);
