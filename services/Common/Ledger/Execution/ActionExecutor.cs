using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

using MLEvents.Events;
using MLEvents.Ledger.Approvals;
using MLEvents.Ledger.Credentials;
using MLEvents.Ledger.Indexes;
using MLEvents.Ledger.Limits;
using MLEvents.Ledger.Planning;
using MLEvents.Ledger.Records;

namespace MLEvents.Ledger.Execution;

/// <summary>Takes the steps of an action whose lease it holds, and records their results.</summary>
internal sealed partial class ActionExecutor(
    IPlanning planning, LimitCheck limits, ApprovalCheck approvals, CredentialCheck credentials, RecordStore records, LeaseHolders holders, ResultRecorder recorder, PendingIndex pending, FailedIndex failed,
    LedgerTelemetry telemetry, IOptions<LedgerOptions> options, TimeProvider time, ILogger<ActionExecutor> logger)
{
    /// <summary>Takes the lease of an action that is not leased and does not wait.</summary>
    /// <returns>The claim, or null if the action is finished, does not exist, is leased by another claim, is not due yet or changed since it was read.</returns>
    public async Task<Claim?> TryTakeAsync(string id, string owner, CancellationToken cancellationToken) =>
        await records.FindAsync(id, cancellationToken) is { } stored ? await TryTakeAsync(stored, owner, cancellationToken) : null;

    /// <summary>Takes the lease of an action whose record was read.</summary>
    /// <returns>The claim, or null if the action is finished, is leased by another claim, is not due yet or changed since it was read.</returns>
    public async Task<Claim?> TryTakeAsync(Stored stored, string owner, CancellationToken cancellationToken)
    {
        if (stored.Record.IsFinished || holders.NotBefore(stored.Record, owner, time.GetUtcNow()) is not null)
        {
            return null;
        }

        // If the record names an owner, that owner did not release its lease. The owner's process ended during a step, or the owner lost the lease during a step.
        var taken = stored.Record with
        {
            LeaseOwner = owner,
            LeaseUntil = time.GetUtcNow() + options.Value.Lease,
            Interrupted = stored.Record.Interrupted || stored.Record.LeaseOwner is not null,
            IsWoken = false,
        };
        return await records.TryUpdateAsync(stored, taken, cancellationToken) ? new Claim(taken.Id, owner, taken) : null;
    }

    /// <summary>Takes steps until the action is finished or has to wait.</summary>
    /// <param name="claim">The lease.</param>
    /// <param name="abort">Aborts a step. The result of a completed step is still recorded, because the step would be repeated otherwise.</param>
    public async Task RunAsync(Claim claim, CancellationToken abort)
    {
        using var span = ActionSpans.StartRun(claim.Record);
        for (var next = claim; next is not null;)
        {
            await using var claimed = recorder.Begin(next);
            next = await StepAsync(claimed.Claim, abort) is { } result ? await RecordAsync(claimed, result, CancellationToken.None) : null;
        }
    }

    /// <summary>Releases the lease of an action whose step was aborted, so that other replicas do not wait for the lease to end.</summary>
    public async Task ReleaseAsync(Claim claim, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        await pending.PostponeAsync(claim.Record, now, cancellationToken);
        await records.UpdateAsync(
            claim.Id, stored => stored.LeaseOwner == claim.Owner ? stored with { LeaseOwner = null, LeaseUntil = null, DueAt = now, Interrupted = true } : null, cancellationToken);
        await RepairIndexAsync(claim.Record, now, cancellationToken);
    }

    // Returns the claim if the next step follows at once.
    private async Task<Claim?> RecordAsync(ClaimedStep claimed, StepResult result, CancellationToken cancellationToken)
    {
        var record = claimed.Claim.Record;
        if (result is not Continue(var stage, var after))
        {
            await EndOrRetryAsync(claimed, result, cancellationToken);
            return null;
        }

        var next = Unblocked(record, result) with { Status = ActionStatus.Running, Stage = stage, Failures = 0, Interrupted = record.Interrupted && stage == record.Stage };
        if (after > TimeSpan.Zero)
        {
            await PostponeAsync(claimed, next, after, cancellationToken);
            return null;
        }

        return await recorder.SaveAsync(claimed, next with { LeaseUntil = time.GetUtcNow() + options.Value.Lease }, cancellationToken) is { } saved ? claimed.Claim with { Record = saved } : null;
    }

    private async Task<StepResult?> StepAsync(Claim claim, CancellationToken cancellationToken)
    {
        using var span = ActionSpans.StartStep(claim.Record);
        var result = await TakeStepAsync(claim, cancellationToken);
        ActionSpans.Report(span, result);
        return result;
    }

    private async Task<StepResult?> TakeStepAsync(Claim claim, CancellationToken cancellationToken)
    {
        if (claim.Record.Fault is { } fault)
        {
            LogFault(claim.Id, claim.Record.Rule, fault);
            return new Failed { Detail = fault };
        }

        await using var heartbeat = Heartbeat.Start(records, claim, options.Value.Lease, time, cancellationToken);
        try
        {
            return DryRun.Report(planning, claim.Record)
                ?? await limits.HoldBackAsync(claim.Record, heartbeat.Lost)
                ?? await approvals.HoldBackAsync(claim.Record, heartbeat.Lost)
                ?? credentials.HoldBack(claim.Record)
                ?? await TakeStepAsync(claim.Record, heartbeat.Lost);
        }
        catch (OperationCanceledException) when (heartbeat.Lost.IsCancellationRequested)
        {
            cancellationToken.ThrowIfCancellationRequested();
            LogLeaseLost(claim.Id);
            return null;
        }
        catch (Exception exception) when (exception is not OperationCanceledException || !heartbeat.Lost.IsCancellationRequested)
        {
            // Clients report their own time-outs as OperationCanceledException.
            LogStepFailed(exception, claim.Record);
            return new Retry { Detail = exception.Message };
        }
    }

    private void LogStepFailed(Exception exception, ActionRecord record)
    {
        if (IsLastAttempt(record))
        {
            LogLastAttemptFailed(exception, record.Attempt, record.Stage, record.Id, record.Rule, options.Value.MaxAttempts);
        }
        else
        {
            LogAttemptFailed(exception, record.Attempt, record.Stage, record.Id, record.Rule);
        }
    }

    private bool IsLastAttempt(ActionRecord record) => record.Failures + 1 >= options.Value.MaxAttempts;

    private async Task<StepResult> TakeStepAsync(ActionRecord record, CancellationToken cancellationToken)
    {
        var result = await planning.StepAsync(record, cancellationToken);
        credentials.RecordResult(record, result);
        return result;
    }

    private async Task FinishAsync(ClaimedStep claimed, StepResult result, CancellationToken cancellationToken)
    {
        var claim = claimed.Claim;
        var status = result switch { Succeeded => ActionStatus.Succeeded, Skipped => ActionStatus.Skipped, _ => ActionStatus.Failed };
        var end = Unblocked(claim.Record, result) with { Status = status, LeaseOwner = null, LeaseUntil = null, DueAt = null };
        if (status == ActionStatus.Failed)
        {
            // The index is written first: operators would not find a failed action that is not in it.
            await failed.AddAsync(claim.Record, cancellationToken);
        }

        if (await recorder.SaveAsync(claimed, end, cancellationToken) is { } saved)
        {
            LogFinished(claim.Id, claim.Record.Rule, status, Redaction.FirstLine(end.Detail));
            telemetry.Finished(end);
            if (claim.Record.DueAt is not null && saved.Unpublished is null)
            {
                await pending.RemoveAsync(claim.Id, cancellationToken);
            }

            await limits.ReleaseAsync(end, cancellationToken);
        }
    }

    private Task EndOrRetryAsync(ClaimedStep claimed, StepResult result, CancellationToken cancellationToken)
    {
        var record = claimed.Claim.Record;
        if (result is CredentialRefused refused && !credentials.IsGivenUp(record))
        {
            return PostponeAsync(claimed, credentials.Waiting(Merge(record, result), refused), Backoff.Jittered(options.Value.CredentialInterval), cancellationToken);
        }

        if (result is not Retry retry)
        {
            return FinishAsync(claimed, result is CredentialRefused ? credentials.GiveUp(record) : result, cancellationToken);
        }

        var failures = record.Failures + 1;
        if (IsLastAttempt(record))
        {
            return FinishAsync(claimed, new Failed { Detail = $"gave up after {failures} attempts: {result.Detail}" }, cancellationToken);
        }

        var wait = Backoff.Jittered(Backoff.Wait(failures, options.Value.FirstRetry, options.Value.LongestRetry));
        var next = Unblocked(record, result) with { Status = ActionStatus.Running, Attempt = record.Attempt + 1, Failures = failures };
        return PostponeAsync(claimed, next, retry.After > wait ? retry.After.Value : wait, cancellationToken);
    }

    // The index is written first: an action that waits without being in the index would never continue.
    private async Task PostponeAsync(ClaimedStep claimed, ActionRecord next, TimeSpan after, CancellationToken cancellationToken)
    {
        var dueAt = time.GetUtcNow() + after;
        await recorder.RepeatAsync(async () =>
        {
            await pending.PostponeAsync(next, dueAt, cancellationToken);
            return true;
        }, cancellationToken);
        if (await recorder.SaveAsync(claimed, next with { LeaseOwner = null, LeaseUntil = null, DueAt = dueAt }, cancellationToken) is { } saved)
        {
            await RepairIndexAsync(next, saved.DueAt ?? dueAt, cancellationToken);
        }
        else
        {
            // The write to the index may have replaced the earlier due time of the claim that has the lease now. The reconciler reads the record and corrects the entry.
            await pending.RepairAsync(next, time.GetUtcNow(), cancellationToken);
        }
    }

    // The due time can pass, or the action can be woken, before the record is written. A reconciler that then finds the action still leased defers the index entry to the end of the lease.
    // If the action was woken before the index was written, the entry has the later due time. In both cases, the write below makes the entry due.
    // A later deferral has no effect, because it changes only an entry that still has the earlier due time.
    // An action that is woken only in the index needs no write: the deferral sets the due time that the wake-up replaced.
    private async Task RepairIndexAsync(ActionRecord record, DateTimeOffset dueAt, CancellationToken cancellationToken)
    {
        if (time.GetUtcNow() is var now && now >= dueAt)
        {
            await pending.RepairAsync(record, now, cancellationToken);
        }
    }

    private ActionRecord Unblocked(ActionRecord record, StepResult result) => Merge(record, result).Unblocked(time.GetUtcNow());

    private static ActionRecord Merge(ActionRecord record, StepResult result) => record with
    {
        Detail = result.Detail ?? record.Detail,
        Links = Merge(record.Links, result.Links),
        State = Merge(record.State, result.State),
        Unpublished = result.Events is [] ? record.Unpublished : [.. record.Unpublished ?? [], .. result.Events],
    };

    private static Dictionary<string, T> Merge<T>(IReadOnlyDictionary<string, T> before, IReadOnlyDictionary<string, T> added)
    {
        var all = new Dictionary<string, T>(before);
        foreach (var (name, value) in added)
        {
            all[name] = value;
        }

        return all;
    }

    [LoggerMessage(1, LogLevel.Information, "Action {ActionId} of rule {Rule} {Status}: {Detail}")]
    private partial void LogFinished(string actionId, string rule, ActionStatus status, string detail);

    [LoggerMessage(2, LogLevel.Warning, "Attempt {Attempt} of stage '{Stage}' of action {ActionId} (rule {Rule}) failed; the step is retried")]
    private partial void LogAttemptFailed(Exception exception, int attempt, string stage, string actionId, string rule);

    [LoggerMessage(3, LogLevel.Warning, "The lease of action {ActionId} expired, or another replica took it. The result of the step is discarded; the next holder of the lease continues the action")]
    private partial void LogLeaseLost(string actionId);

    [LoggerMessage(4, LogLevel.Error, "Action {ActionId} of rule {Rule} failed before its first step: {Fault}. Correct the cause, and retry the action")]
    private partial void LogFault(string actionId, string rule, string fault);

    [LoggerMessage(5, LogLevel.Warning, "Attempt {Attempt} of stage '{Stage}' of action {ActionId} (rule {Rule}) failed. It was the last of {MaxAttempts} consecutive attempts, and the action fails")]
    private partial void LogLastAttemptFailed(Exception exception, int attempt, string stage, string actionId, string rule, int maxAttempts);
}
