using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

using MLEvents.Events;
using MLEvents.Ledger.Activity;
using MLEvents.Ledger.Indexes;
using MLEvents.Ledger.Planning;
using MLEvents.Ledger.Records;
using MLEvents.State;

namespace MLEvents.Ledger.Execution;

/// <summary>The lease of an action, held by one owner at a time.</summary>
/// <param name="Id">The action's id.</param>
/// <param name="Owner">The token of the claim.</param>
/// <param name="Record">The record as the claim last wrote it.</param>
internal sealed record Claim(string Id, string Owner, ActionRecord Record);

/// <summary>Takes the steps of an action whose lease it holds, and records their results.</summary>
internal sealed partial class ActionExecutor(
    IPlanning planning, RecordStore records, LeaseHolders holders, PendingIndex pending, FailedIndex failed, ActivityPublisher activity, LedgerTelemetry telemetry,
    IOptions<LedgerOptions> options, TimeProvider time, ILogger<ActionExecutor> logger)
{
    private static readonly TimeSpan BetweenWrites = TimeSpan.FromMilliseconds(250);

    /// <summary>Takes the lease of an action that is not leased and does not wait.</summary>
    /// <returns>The claim, or null if the action is finished, does not exist, is leased by another claim or is not due yet.</returns>
    public async Task<Claim?> TryTakeAsync(string id, string owner, CancellationToken cancellationToken)
    {
        if (await records.FindAsync(id, cancellationToken) is not { Record.IsFinished: false } stored || holders.NotBefore(stored.Record, owner, time.GetUtcNow()) is not null)
        {
            return null;
        }

        // An owner whose lease ran out ended, or lost the lease, in the middle of a step.
        var taken = stored.Record with
        {
            LeaseOwner = owner,
            LeaseUntil = time.GetUtcNow() + options.Value.Lease,
            Interrupted = stored.Record.Interrupted || stored.Record.LeaseOwner is not null,
        };
        return await records.TryUpdateAsync(stored, taken, cancellationToken) ? new Claim(id, owner, taken) : null;
    }

    /// <summary>Takes steps until the action is finished or has to wait.</summary>
    /// <param name="claim">The lease.</param>
    /// <param name="abort">Aborts a step. The result of a completed step is recorded all the same: otherwise the step would be repeated.</param>
    public async Task RunAsync(Claim claim, CancellationToken abort)
    {
        var cancellationToken = CancellationToken.None;
        while (await StepAsync(claim, abort) is { } result)
        {
            if (result is not Continue(var stage, var after))
            {
                await EndOrRetryAsync(claim, result, cancellationToken);
                return;
            }

            var next = Merge(claim.Record, result) with { Status = ActionStatus.Running, Stage = stage, Failures = 0, Interrupted = claim.Record.Interrupted && stage == claim.Record.Stage };
            if (after > TimeSpan.Zero)
            {
                await PostponeAsync(claim, next, after, cancellationToken);
                return;
            }

            if (await SaveAsync(claim, next with { LeaseUntil = time.GetUtcNow() + options.Value.Lease }, cancellationToken) is not { } saved)
            {
                return;
            }

            claim = claim with { Record = saved };
        }
    }

    /// <summary>Releases the lease of an action whose step was aborted, so that other replicas do not wait for the lease to end.</summary>
    public async Task ReleaseAsync(Claim claim, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        await pending.PostponeAsync(claim.Record, now, cancellationToken);
        await records.UpdateAsync(
            claim.Id, stored => stored.LeaseOwner == claim.Owner ? stored with { LeaseOwner = null, LeaseUntil = null, DueAt = now, Interrupted = true } : null, cancellationToken);
    }

    private async Task<StepResult?> StepAsync(Claim claim, CancellationToken cancellationToken)
    {
        if (claim.Record.Fault is { } fault)
        {
            LogFault(claim.Id, claim.Record.Rule, fault);
            return new Failed { Detail = fault };
        }

        await using var heartbeat = Heartbeat.Start(records, claim, options.Value.Lease, time, cancellationToken);
        try
        {
            return await planning.StepAsync(claim.Record, heartbeat.Lost);
        }
        catch (OperationCanceledException) when (heartbeat.Lost.IsCancellationRequested)
        {
            cancellationToken.ThrowIfCancellationRequested();
            LogLeaseLost(claim.Id);
            return null;
        }
        catch (Exception exception) when (exception is not OperationCanceledException || !heartbeat.Lost.IsCancellationRequested)
        {
            // Clients report their own time-outs as cancellations.
            LogStepFailed(exception, claim.Id, claim.Record.Rule, claim.Record.Stage, claim.Record.Attempt);
            return new Retry { Detail = exception.Message };
        }
    }

    private async Task FinishAsync(Claim claim, StepResult result, CancellationToken cancellationToken)
    {
        var status = result switch { Succeeded => ActionStatus.Succeeded, Skipped => ActionStatus.Skipped, _ => ActionStatus.Failed };
        var end = Merge(claim.Record, result) with { Status = status, LeaseOwner = null, LeaseUntil = null, DueAt = null };
        if (status == ActionStatus.Failed)
        {
            // The index is written first: operators would not find a failed action that is not in it.
            await failed.AddAsync(claim.Record, cancellationToken);
        }

        if (await SaveAsync(claim, end, cancellationToken) is not null)
        {
            LogFinished(claim.Id, claim.Record.Rule, status, Redaction.FirstLine(end.Detail));
            telemetry.Finished(end);
            if (claim.Record.DueAt is not null)
            {
                await pending.RemoveAsync(claim.Id, cancellationToken);
            }
        }
    }

    private Task EndOrRetryAsync(Claim claim, StepResult result, CancellationToken cancellationToken)
    {
        if (result is not Retry retry)
        {
            return FinishAsync(claim, result, cancellationToken);
        }

        var failures = claim.Record.Failures + 1;
        if (failures >= options.Value.MaxAttempts)
        {
            return FinishAsync(claim, new Failed { Detail = $"gave up after {failures} attempts: {result.Detail}" }, cancellationToken);
        }

        var wait = Backoff.Jittered(Backoff.Wait(failures, options.Value.FirstRetry, options.Value.LongestRetry));
        var next = Merge(claim.Record, result) with { Status = ActionStatus.Running, Attempt = claim.Record.Attempt + 1, Failures = failures };
        return PostponeAsync(claim, next, retry.After > wait ? retry.After.Value : wait, cancellationToken);
    }

    // The index is written first: an action that waits without being in the index would never continue.
    private async Task PostponeAsync(Claim claim, ActionRecord next, TimeSpan after, CancellationToken cancellationToken)
    {
        var dueAt = time.GetUtcNow() + after;
        await RepeatAsync(async () =>
        {
            await pending.PostponeAsync(next, dueAt, cancellationToken);
            return true;
        }, cancellationToken);
        await SaveAsync(claim, next with { LeaseOwner = null, LeaseUntil = null, DueAt = dueAt }, cancellationToken);
    }

    private Task<ActionRecord?> SaveAsync(Claim claim, ActionRecord next, CancellationToken cancellationToken) =>
        RepeatAsync(() => PublishAndUpdateAsync(claim, next, cancellationToken), cancellationToken);

    // The result of a step is not dropped when sidecar or store are unavailable for a moment: the step would be repeated, and a mail sent twice.
    private async Task<T> RepeatAsync<T>(Func<Task<T>> write, CancellationToken cancellationToken)
    {
        var deadline = time.GetUtcNow() + options.Value.Lease;
        while (true)
        {
            try
            {
                return await write();
            }
            catch (Exception exception) when (DaprFailures.IsTransient(exception) && time.GetUtcNow() < deadline)
            {
                await Task.Delay(BetweenWrites, time, cancellationToken);
            }
        }
    }

    // Only the lease holder publishes, before it writes: a crash in between repeats the event with the same id; the opposite order could lose it.
    private async Task<ActionRecord?> PublishAndUpdateAsync(Claim claim, ActionRecord next, CancellationToken cancellationToken)
    {
        var stored = await FindHeldAsync(claim, cancellationToken);
        if (stored is not null && HasChanged(claim.Record, next))
        {
            await activity.PublishAsync(next, cancellationToken);
        }

        // The heartbeat may write in between, so a lost race is repeated while the claim holds the lease.
        for (; stored is not null; stored = await FindHeldAsync(claim, cancellationToken))
        {
            // A forced replay may have noted its token in the meantime.
            var merged = next.ForcedByReplay(stored.Record.ForcedBy);
            if (await records.TryUpdateAsync(stored, merged, cancellationToken))
            {
                return merged;
            }
        }

        LogLeaseLost(claim.Id);
        return null;
    }

    private async Task<Stored?> FindHeldAsync(Claim claim, CancellationToken cancellationToken) =>
        await records.FindAsync(claim.Id, cancellationToken) is { } stored && stored.Record.LeaseOwner == claim.Owner ? stored : null;

    private static bool HasChanged(ActionRecord before, ActionRecord after) =>
        (before.Status, before.Stage, before.Attempt) != (after.Status, after.Stage, after.Attempt);

    private static ActionRecord Merge(ActionRecord record, StepResult result) => record with
    {
        Detail = result.Detail ?? record.Detail,
        Links = Merge(record.Links, result.Links),
        State = Merge(record.State, result.State),
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

    [LoggerMessage(2, LogLevel.Warning, "Action {ActionId} of rule {Rule} failed at stage '{Stage}', attempt {Attempt}; the step is retried")]
    private partial void LogStepFailed(Exception exception, string actionId, string rule, string stage, int attempt);

    [LoggerMessage(3, LogLevel.Warning, "Another replica took the lease of action {ActionId} and continues it")]
    private partial void LogLeaseLost(string actionId);

    [LoggerMessage(4, LogLevel.Error, "Action {ActionId} failed: rule {Rule} cannot be evaluated for its event: {Fault}. Correct the rule, and retry the action")]
    private partial void LogFault(string actionId, string rule, string fault);
}
