using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

using MLEvents.Events;
using MLEvents.Ledger.Activity;
using MLEvents.Ledger.Execution;
using MLEvents.Ledger.Indexes;
using MLEvents.Ledger.Limits;
using MLEvents.Ledger.Planning;
using MLEvents.Ledger.Records;

namespace MLEvents.Ledger.Operators;

/// <summary>Retries and cancels actions for operators. A change is written only if the record has not changed since it was read, as with the results of steps.</summary>
internal sealed partial class ActionControl(
    LedgerService service, IPlanning planning, CurrentRules rules, LimitCheck limits, RecordStore records, PendingIndex pending, ActionRestart restart, ActivityOutbox outbox, LedgerTelemetry telemetry,
    IOptions<LedgerOptions> ledger, TimeProvider time, ILogger<ActionControl> logger)
{
    /// <summary>Restarts a failed action in a new generation. With <see cref="RetryOptions.Force"/>, also restarts an action that succeeded or was skipped.</summary>
    public async Task<ControlResult> RetryAsync(string id, RetryOptions options, Intervention by, CancellationToken cancellationToken)
    {
        while (await FindAsync(id, cancellationToken) is { } stored)
        {
            if (RefuseRetry(stored.Record, options) is { } refusal)
            {
                return new(stored.Record, refusal);
            }

            var (planned, obstacle) = await PlanAsync(stored.Record, options, cancellationToken);
            if (obstacle is not null)
            {
                return new(stored.Record, obstacle);
            }

            var now = time.GetUtcNow();
            var next = planned.Retried(options.Force, now) with { Intervention = by, Detail = by.AddReason($"restarted by {by.DescribeWho()}{options.Describe()}") };
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
    /// <param name="by">The operator who cancels it, and the reason.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    public async Task<ControlResult> CancelAsync(string id, bool leaveRunning, Intervention by, CancellationToken cancellationToken)
    {
        while (await FindAsync(id, cancellationToken) is { } stored)
        {
            if (RefuseCancel(stored.Record) is { } refusal)
            {
                return new(stored.Record, refusal);
            }

            if (await HoldAsync(stored, cancellationToken) is not { } held)
            {
                continue;
            }

            // The run is cancelled first, because an ended action cannot be cancelled again.
            var answer = leaveRunning ? null : await CancelRunAsync(stored.Record, held, cancellationToken);
            if (answer is { IsAccepted: false })
            {
                await ReleaseAsync(stored.Record, held, notBefore: null, cancellationToken);
                return new(stored.Record, $"{answer.Detail} Try again, or cancel the action alone with leaveRunning=true.");
            }

            var end = stored.Record with { Status = ActionStatus.Skipped, Intervention = by, Detail = by.AddReason(DescribeCancellation(stored.Record.Stage, answer, by)), LeaseOwner = null, LeaseUntil = null, DueAt = null };
            if (await EndAsync(stored.Record, held, end, cancellationToken) is { } ended)
            {
                LogCancelled(id, end.Rule, end.Stage, by.DescribeWho(), by.Reason);
                telemetry.Finished(end);
                if (ended.Unpublished is null)
                {
                    await pending.RemoveAsync(id, cancellationToken);
                }

                await limits.ReleaseAsync(end, cancellationToken);
                return new(ended);
            }
        }

        return new(null);
    }

    // Takes the lease, so that no step finds the cancelled run before the end of the action is written. Otherwise, the action would end as failed.
    private async Task<Stored?> HoldAsync(Stored stored, CancellationToken cancellationToken)
    {
        var owner = service.NewOwner();
        var held = stored.Record with { LeaseOwner = owner, LeaseUntil = time.GetUtcNow() + ledger.Value.Lease };
        return await records.TryUpdateAsync(stored, held, cancellationToken) && await records.FindAsync(held.Id, cancellationToken) is { } again && again.Record.LeaseOwner == owner ? again : null;
    }

    private async Task<CancelAnswer?> CancelRunAsync(ActionRecord record, Stored held, CancellationToken cancellationToken)
    {
        try
        {
            // If the record still has an owner, a step was interrupted: the lease has ended, but the step did not release it.
            return await planning.CancelAsync(record with { Interrupted = record.Interrupted || record.LeaseOwner is not null }, cancellationToken);
        }
        catch
        {
            await ReleaseAsync(record, held, notBefore: null, CancellationToken.None);
            throw;
        }
    }

    // If the end cannot be written, the operator can cancel the action again at once. The next step is postponed by the length of a lease, because a step that finds the
    // cancelled run would end the action as failed.
    private async Task<ActionRecord?> EndAsync(ActionRecord before, Stored held, ActionRecord end, CancellationToken cancellationToken)
    {
        try
        {
            var ended = await outbox.PublishAsync(end, cancellationToken);
            return await WriteAsync(held, _ => ended, cancellationToken);
        }
        catch
        {
            await ReleaseAsync(before, held, time.GetUtcNow() + ledger.Value.Lease, CancellationToken.None);
            throw;
        }
    }

    // A reconciler that found the action meanwhile has deferred its index entry to the end of the lease. The write to the index undoes the deferral.
    private async Task ReleaseAsync(ActionRecord before, Stored held, DateTimeOffset? notBefore, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var released = await WriteAsync(held, stored => before with { DueAt = notBefore ?? (stored.IsWoken ? now : before.DueAt) }, cancellationToken);
        if (released is not null)
        {
            await pending.RepairAsync(released, released.DueAt ?? now, cancellationToken);
        }
    }

    // A wake or a forced replay may write the record in between. The write is repeated while this request holds the lease. Returns null if it has lost the lease.
    private async Task<ActionRecord?> WriteAsync(Stored held, Func<ActionRecord, ActionRecord> change, CancellationToken cancellationToken)
    {
        for (Stored? stored = held; stored is not null && stored.Record.LeaseOwner == held.Record.LeaseOwner; stored = await records.FindAsync(held.Record.Id, cancellationToken))
        {
            var next = change(stored.Record).ForcedByReplaysOf(stored.Record);
            if (await records.TryUpdateAsync(stored, next, cancellationToken))
            {
                return next;
            }
        }

        return null;
    }

    private async Task<Stored?> FindAsync(string id, CancellationToken cancellationToken) =>
        ActionRecord.IsId(id) ? await records.FindAsync(id, cancellationToken) : null;

    private static string? RefuseRetry(ActionRecord record, RetryOptions options) => record switch
    {
        { Unknown: { } unknown } => DescribeUnknown(unknown),
        { IsFinished: false } => $"The action is {record.StatusName} and continues.",
        { Generation: var generation } when options.Generation is { } expected && expected != generation => $"The action was restarted since; it is in generation {generation}, not {expected}.",
        { Status: not ActionStatus.Failed } when !options.Force => $"The action is {record.StatusName}. Retry it with force=true to execute it again.",
        _ => null,
    };

    // An existing plan stays unless the operator requests the rules in force. A missing plan is created, because the rule may have been corrected since.
    private async Task<(ActionRecord Record, string? Refusal)> PlanAsync(ActionRecord record, RetryOptions options, CancellationToken cancellationToken)
    {
        if (record.HasPlan && !options.UseCurrentRules)
        {
            return (record, null);
        }

        var (planned, refusal) = await rules.PlanAsync(record, cancellationToken);
        return refusal is not null && !options.UseCurrentRules ? (planned, $"The rule could not be evaluated for the event. {refusal}") : (planned, refusal);
    }

    private string? RefuseCancel(ActionRecord record) => record switch
    {
        { Unknown: { } unknown } => DescribeUnknown(unknown),
        { IsFinished: true } => $"The action is {record.StatusName} already.",
        { LeaseOwner: not null } when record.LeaseUntil > time.GetUtcNow() => "A step of the action is running. Try again in a few seconds.",
        _ => null,
    };

    /// <summary>The reason why a request for an action is refused if a newer version of the service wrote its record.</summary>
    public static string DescribeUnknown(string unknown) => $"The action has a {unknown}, which this replica does not know. Send the request to a replica of the newer version.";

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
/// <param name="Record">The action in its current state; null if it does not exist.</param>
/// <param name="Refusal">The reason why nothing was changed; null if the action was changed.</param>
internal sealed record ControlResult(ActionRecord? Record, string? Refusal = null);

/// <summary>The options of a retry.</summary>
/// <param name="Force">Whether an action that succeeded or was skipped is repeated too, including all that it created.</param>
/// <param name="UseCurrentRules">Whether the action gets the plan of the rules in force.</param>
/// <param name="Generation">The generation that the operator saw; the retry is refused if it is not the current one. Null for any.</param>
internal sealed record RetryOptions(bool Force, bool UseCurrentRules = false, int? Generation = null)
{
    /// <summary>The options, for the detail of the action.</summary>
    public string Describe() => (Force, UseCurrentRules) switch
    {
        (true, true) => " with force and the current rules",
        (true, false) => " with force",
        (false, true) => " with the current rules",
        _ => "",
    };
}
