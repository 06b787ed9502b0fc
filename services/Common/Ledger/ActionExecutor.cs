using System.Text.Json;

using Dapr;

using Grpc.Core;

using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace MLEvents.Ledger;

/// <summary>The right to work on an action: held by one owner at a time.</summary>
internal sealed record Claim(string Id, string Owner, ActionRecord Record);

/// <summary>Takes the steps of an action whose lease it holds, and records what each came to.</summary>
internal sealed partial class ActionExecutor(
    IActionExecutor work, RecordStore records, PendingIndex pending, FailedIndex failed, ActivityPublisher activity, LedgerTelemetry telemetry,
    IOptions<LedgerOptions> options, TimeProvider time, ILogger<ActionExecutor> logger)
{
    private static readonly TimeSpan BetweenWrites = TimeSpan.FromMilliseconds(250);

    /// <summary>Takes the lease of an action that nobody holds and that does not wait.</summary>
    /// <returns>The claim, or null if the action is finished, gone, held by another or not due yet.</returns>
    public async Task<Claim?> TryTakeAsync(string id, string owner, CancellationToken cancellationToken)
    {
        if (await records.FindAsync(id, cancellationToken) is not { Record.IsFinished: false } there || there.Record.NotBefore(owner, time.GetUtcNow()) is not null)
        {
            return null;
        }

        // A lease that nobody gave back ended with its holder, in the middle of a step.
        var taken = there.Record with
        {
            LeaseOwner = owner,
            LeaseUntil = time.GetUtcNow() + options.Value.Lease,
            Interrupted = there.Record.Interrupted || there.Record.LeaseOwner is not null,
        };
        return await records.TryUpdateAsync(there, taken, cancellationToken) ? new Claim(id, owner, taken) : null;
    }

    /// <summary>Takes steps until the action is finished or has to wait.</summary>
    /// <param name="claim">The right to do so.</param>
    /// <param name="breakOff">Breaks a step off. What a step came to is recorded all the same: forgotten, it would be taken again.</param>
    public async Task RunAsync(Claim claim, CancellationToken breakOff)
    {
        var cancellationToken = CancellationToken.None;
        while (true)
        {
            var result = await StepAsync(claim, breakOff);
            if (result is null)
            {
                return;
            }

            if (result is not Continue(var stage, var after))
            {
                await EndOrRetryAsync(claim, result, cancellationToken);
                return;
            }

            var next = Merged(claim.Record, result) with { Status = ActionStatus.Running, Stage = stage, Failures = 0, Interrupted = claim.Record.Interrupted && stage == claim.Record.Stage };
            if (after > TimeSpan.Zero)
            {
                await PostponeAsync(claim, next, after, cancellationToken);
                return;
            }

            if (await SaveAsync(claim, Leased(next), cancellationToken) is not { } saved)
            {
                return;
            }

            claim = claim with { Record = saved };
        }
    }

    /// <summary>Gives an action back whose step was broken off, so that others need not wait for the lease to end.</summary>
    public async Task ReleaseAsync(Claim claim, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        await pending.PostponeAsync(claim.Record, now, cancellationToken);
        while (await records.FindAsync(claim.Id, cancellationToken) is { } there && there.Record.LeaseOwner == claim.Owner)
        {
            if (await records.TryUpdateAsync(there, there.Record with { LeaseOwner = null, LeaseUntil = null, DueAt = now, Interrupted = true }, cancellationToken))
            {
                return;
            }
        }
    }

    private async Task<StepResult?> StepAsync(Claim claim, CancellationToken cancellationToken)
    {
        if (claim.Record.Fault is { } fault)
        {
            LogNotWorkedOut(claim.Id, claim.Record.Rule, fault);
            return new Failed { Detail = fault };
        }

        await using var heartbeat = Heartbeat.Start(records, claim, options.Value.Lease, time, cancellationToken);
        try
        {
            return await work.StepAsync(claim.Record, heartbeat.Lost);
        }
        catch (OperationCanceledException) when (heartbeat.Lost.IsCancellationRequested)
        {
            cancellationToken.ThrowIfCancellationRequested();
            LogLeaseLost(claim.Id);
            return null;
        }
        catch (Exception exception) when (exception is not OperationCanceledException || !heartbeat.Lost.IsCancellationRequested)
        {
            // A cancellation that is not ours is how clients report a time-out of their own.
            LogStepFailed(exception, claim.Id, claim.Record.Rule, claim.Record.Stage, claim.Record.Attempt);
            return new Retry { Detail = exception.Message };
        }
    }

    private async Task FinishAsync(Claim claim, StepResult result, CancellationToken cancellationToken)
    {
        var status = result switch { Succeeded => ActionStatus.Succeeded, Skipped => ActionStatus.Skipped, _ => ActionStatus.Failed };
        var end = Merged(claim.Record, result) with { Status = status, LeaseOwner = null, LeaseUntil = null, DueAt = null };
        if (status == ActionStatus.Failed)
        {
            // The index first: operators would not find a failed action that is not in it.
            await failed.AddAsync(claim.Record, cancellationToken);
        }

        if (await SaveAsync(claim, end, cancellationToken) is not null)
        {
            LogFinished(claim.Id, claim.Record.Rule, status, end.Detail);
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
        var next = Merged(claim.Record, result) with { Status = ActionStatus.Running, Attempt = claim.Record.Attempt + 1, Failures = failures };
        return PostponeAsync(claim, next, retry.After > wait ? retry.After.Value : wait, cancellationToken);
    }

    // The index first: a record that waits without being in the index would wait for ever.
    private async Task PostponeAsync(Claim claim, ActionRecord next, TimeSpan after, CancellationToken cancellationToken)
    {
        var dueAt = time.GetUtcNow() + after;
        await PatientlyAsync(async () =>
        {
            await pending.PostponeAsync(next, dueAt, cancellationToken);
            return true;
        }, cancellationToken);
        await SaveAsync(claim, next with { LeaseOwner = null, LeaseUntil = null, DueAt = dueAt }, cancellationToken);
    }

    private Task<ActionRecord?> SaveAsync(Claim claim, ActionRecord next, CancellationToken cancellationToken) =>
        PatientlyAsync(() => TrySaveAsync(claim, next, cancellationToken), cancellationToken);

    // What a step came to is not forgotten because sidecar or store are away for a moment: the step would be taken again, and a mail sent twice.
    private async Task<T> PatientlyAsync<T>(Func<Task<T>> record, CancellationToken cancellationToken)
    {
        var givenUp = time.GetUtcNow() + options.Value.Lease;
        while (true)
        {
            try
            {
                return await record();
            }
            catch (Exception exception) when (Passes(exception) && time.GetUtcNow() < givenUp)
            {
                await Task.Delay(BetweenWrites, time, cancellationToken);
            }
        }
    }

    // Not what is about this record alone: it can't be read, or is more than the sidecar takes.
    private static bool Passes(Exception exception) =>
        exception is TimeoutException or DaprException { InnerException: not (JsonException or RpcException { StatusCode: StatusCode.ResourceExhausted }) };

    private async Task<ActionRecord?> TrySaveAsync(Claim claim, ActionRecord next, CancellationToken cancellationToken)
    {
        // A heartbeat's write may still arrive, so a lost race is tried again: the owner's token alone says whether the lease still holds.
        var isNews = HasNews(claim.Record, next);
        while (await records.FindAsync(claim.Id, cancellationToken) is { } there && there.Record.LeaseOwner == claim.Owner)
        {
            if (isNews)
            {
                // Said before it is written, and only by who holds the lease: what another has taken over is another's to tell.
                await activity.PublishAsync(next, cancellationToken);
                isNews = false;
                continue;
            }

            if (await records.TryUpdateAsync(there, next, cancellationToken))
            {
                return next;
            }
        }

        LogLeaseLost(claim.Id);
        return null;
    }

    private ActionRecord Leased(ActionRecord record) => record with { LeaseUntil = time.GetUtcNow() + options.Value.Lease };

    private static bool HasNews(ActionRecord before, ActionRecord after) =>
        (before.Status, before.Stage, before.Attempt) != (after.Status, after.Stage, after.Attempt);

    private static ActionRecord Merged(ActionRecord record, StepResult result) => record with
    {
        Detail = result.Detail ?? record.Detail,
        Links = Added(record.Links, result.Links),
        State = Added(record.State, result.State),
    };

    private static Dictionary<string, T> Added<T>(IReadOnlyDictionary<string, T> before, IReadOnlyDictionary<string, T> more)
    {
        var all = new Dictionary<string, T>(before);
        foreach (var (name, value) in more)
        {
            all[name] = value;
        }

        return all;
    }

    [LoggerMessage(1, LogLevel.Information, "Action {ActionId} of rule {Rule} {Status}: {Detail}")]
    private partial void LogFinished(string actionId, string rule, ActionStatus status, string? detail);

    [LoggerMessage(2, LogLevel.Warning, "Action {ActionId} of rule {Rule} failed at stage '{Stage}', attempt {Attempt}; it is tried again")]
    private partial void LogStepFailed(Exception exception, string actionId, string rule, string stage, int attempt);

    [LoggerMessage(4, LogLevel.Error, "Action {ActionId} failed: rule {Rule} can't be worked out for its event: {Fault}. Correct the rule, and retry the action")]
    private partial void LogNotWorkedOut(string actionId, string rule, string fault);

    [LoggerMessage(3, LogLevel.Warning, "The lease of action {ActionId} was lost to another replica, which goes on with it")]
    private partial void LogLeaseLost(string actionId);
}
