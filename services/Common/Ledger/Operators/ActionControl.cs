using Microsoft.Extensions.Logging;

using MLEvents.Events;
using MLEvents.Ledger.Activity;
using MLEvents.Ledger.Execution;
using MLEvents.Ledger.Indexes;
using MLEvents.Ledger.Limits;
using MLEvents.Ledger.Planning;
using MLEvents.Ledger.Records;

namespace MLEvents.Ledger.Operators;

/// <summary>Retries and cancels actions for operators. Each change is conditional on the record that was read, as the changes of steps are.</summary>
internal sealed partial class ActionControl(
    IPlanning planning, LimitGate limits, RecordStore records, PendingIndex pending, ActionRestart restart, ActivityPublisher activity, LedgerTelemetry telemetry, TimeProvider time,
    ILogger<ActionControl> logger)
{
    /// <summary>Restarts a failed action in a new generation; with force also one that succeeded or was skipped.</summary>
    public async Task<ControlResult> RetryAsync(string id, bool force, Intervention by, CancellationToken cancellationToken)
    {
        while (await FindAsync(id, cancellationToken) is { } stored)
        {
            if (RefuseRetry(stored.Record, force) is { } refusal)
            {
                return new(stored.Record, refusal);
            }

            var (planned, fault) = await PlanAsync(stored.Record, cancellationToken);
            if (fault is not null)
            {
                return new(stored.Record, fault);
            }

            var now = time.GetUtcNow();
            var next = planned.Retried(force, now) with { Intervention = by, Detail = by.AddReason($"restarted by {by.DescribeWho()}{(force ? " with force" : "")}") };
            if (await restart.TryRestartAsync(stored, next, now, cancellationToken))
            {
                LogRetried(id, next.Rule, by.DescribeWho(), by.Reason);
                return new(next);
            }
        }

        return new(null);
    }

    /// <summary>Ends an action that waits, and cancels the run that it started in another system.</summary>
    /// <param name="id">The action's id.</param>
    /// <param name="leaveRunning">Whether the run continues.</param>
    /// <param name="by">Who cancels it, and why.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    public async Task<ControlResult> CancelAsync(string id, bool leaveRunning, Intervention by, CancellationToken cancellationToken)
    {
        while (await FindAsync(id, cancellationToken) is { } stored)
        {
            if (RefuseCancel(stored.Record) is { } refusal)
            {
                return new(stored.Record, refusal);
            }

            // The run is cancelled first: an action that ended could not be cancelled again.
            var answer = leaveRunning ? null : await planning.CancelAsync(stored.Record, cancellationToken);
            if (answer is { IsAccepted: false })
            {
                return new(stored.Record, $"{answer.Detail} Try again, or cancel the action alone with leaveRunning=true.");
            }

            var end = stored.Record with { Status = ActionStatus.Skipped, Intervention = by, Detail = by.AddReason(DescribeCancellation(stored.Record.Stage, answer, by)), LeaseOwner = null, LeaseUntil = null, DueAt = null };
            await activity.PublishAsync(end, cancellationToken);
            if (await records.TryUpdateAsync(stored, end, cancellationToken))
            {
                LogCancelled(id, end.Rule, end.Stage, by.DescribeWho(), by.Reason);
                telemetry.Finished(end);
                await pending.RemoveAsync(id, cancellationToken);
                await limits.ReleaseAsync(end, cancellationToken);
                return new(end);
            }
        }

        return new(null);
    }

    private async Task<Stored?> FindAsync(string id, CancellationToken cancellationToken) =>
        ActionRecord.IsId(id) ? await records.FindAsync(id, cancellationToken) : null;

    private static string? RefuseRetry(ActionRecord record, bool force) => record switch
    {
        { Unknown: { } unknown } => DescribeUnknown(unknown),
        { IsFinished: false } => $"The action is {record.StatusName} and continues.",
        { Status: not ActionStatus.Failed } when !force => $"The action is {record.StatusName}. Retry it with force=true to execute it again.",
        _ => null,
    };

    // An existing plan stays as it is. If there is none, the rule may have been corrected since.
    private async Task<(ActionRecord Record, string? Fault)> PlanAsync(ActionRecord record, CancellationToken cancellationToken)
    {
        if (record.HasPlan)
        {
            return (record, null);
        }

        return (await planning.PlanAsync(record.ReadEvent(), cancellationToken)).FirstOrDefault(action => action.Rule == record.Rule) switch
        {
            null => (record, $"The rule could not be evaluated for the event, and no rule '{record.Rule}' matches the event now."),
            { Fault: { } fault } => (record, $"The rule still cannot be evaluated for the event: {fault}. Correct the rule, and retry the action."),
            var action => (Planned(record, action), null),
        };
    }

    private static ActionRecord Planned(ActionRecord record, PlannedAction action) => (record with
    {
        Plan = action.Plan,
        PlanVersion = action.PlanVersion,
        Fault = null,
        RuleVersion = action.RuleVersion,
        Limits = action.Limits,
        Approval = action.Approval,
        IsDryRun = action.IsDryRun,
    }).WithVersion();

    private string? RefuseCancel(ActionRecord record) => record switch
    {
        { Unknown: { } unknown } => DescribeUnknown(unknown),
        { IsFinished: true } => $"The action is {record.StatusName} already.",
        { LeaseOwner: not null } when record.LeaseUntil > time.GetUtcNow() => "A step of the action is running. Try again in a few seconds.",
        _ => null,
    };

    private static string DescribeUnknown(string unknown) => $"The action has a {unknown}, which this replica does not know. Send the request to a replica of the newer version.";

    private static string DescribeCancellation(string stage, CancelAnswer? answer, Intervention by) => (stage, answer) switch
    {
        (_, { Detail: var detail }) => $"cancelled by {by.DescribeWho()}; {detail}",
        ({ Length: 0 }, null) => $"cancelled by {by.DescribeWho()}",
        _ => $"cancelled by {by.DescribeWho()} at stage '{stage}'; the objects that the action created continue",
    };

    [LoggerMessage(1, LogLevel.Information, "Action {ActionId} of rule {Rule} was cancelled at stage '{Stage}' by {Operator}; reason: {Reason}")]
    private partial void LogCancelled(string actionId, string rule, string stage, string @operator, string? reason);

    [LoggerMessage(2, LogLevel.Information, "Action {ActionId} of rule {Rule} was restarted by {Operator}; reason: {Reason}")]
    private partial void LogRetried(string actionId, string rule, string @operator, string? reason);
}

/// <summary>The result of an operator's request.</summary>
/// <param name="Record">The action as it is now; null if it does not exist.</param>
/// <param name="Refusal">Why nothing was changed; null if it was.</param>
internal sealed record ControlResult(ActionRecord? Record, string? Refusal = null);
