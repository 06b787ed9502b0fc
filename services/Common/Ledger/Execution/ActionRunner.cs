using System.Runtime.ExceptionServices;

using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

using MLEvents.Events;
using MLEvents.Ledger.Indexes;
using MLEvents.Ledger.Planning;
using MLEvents.Ledger.Records;

namespace MLEvents.Ledger.Execution;

/// <summary>Runs the actions that rules request. An action runs once for each service, rule and event (or deduplication key), even if a process ends while it runs the action.</summary>
internal sealed partial class ActionRunner(
    LedgerService service, RecordStore records, LeaseHolders holders, PendingIndex pending, ActionExecutor executor, ActionRestart restart,
    IOptions<LedgerOptions> options, TimeProvider time, ILogger<ActionRunner> logger)
{
    /// <summary>
    /// The largest number of actions that continue in the background after the handler has waited <see cref="LedgerOptions.HandlerBudget"/> for them. While there are so many,
    /// no event starts a further action, and the message of such an event stays in the broker.
    /// </summary>
    public const int MaxBackground = 256;

    private int _background;

    /// <summary>Runs the actions that rules request because of an event.</summary>
    /// <returns>A task that completes when each action is finished or is in the pending index: only then may the message be acknowledged.</returns>
    /// <exception cref="Dapr.DaprException">The state store or the broker is unavailable; the message must be redelivered.</exception>
    /// <exception cref="TimeoutException">Too many actions of earlier events have not ended; the message must be redelivered.</exception>
    /// <exception cref="AggregateException">The actions of several rules could not be recorded.</exception>
    public async Task RunAsync(WorkflowEvent workflowEvent, IEnumerable<PlannedAction> actions, CancellationToken cancellationToken)
    {
        if (actions.TryGetNonEnumeratedCount(out var count) && count == 0)
        {
            // Most events match no rule. They need no timer.
            return;
        }

        using var done = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var budget = Task.Delay(options.Value.HandlerBudget, time, done.Token);
        var failures = new List<Exception>();
        foreach (var action in actions)
        {
            try
            {
                await RunAsync(action, workflowEvent, budget, cancellationToken);
            }
            catch (Exception exception) when (exception is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
            {
                // The failure of one rule's action does not stop the actions of the other rules. Clients report their own time-outs as OperationCanceledException.
                failures.Add(exception);
            }
        }

        await done.CancelAsync();
        Throw(failures);
    }

    private static void Throw(List<Exception> failures)
    {
        if (failures.Count == 1)
        {
            ExceptionDispatchInfo.Throw(failures[0]);
        }

        if (failures.Count > 1)
        {
            throw new AggregateException(failures);
        }
    }

    private async Task RunAsync(PlannedAction action, WorkflowEvent workflowEvent, Task budget, CancellationToken cancellationToken)
    {
        if (Volatile.Read(ref _background) >= MaxBackground)
        {
            throw new TimeoutException($"{MaxBackground} actions of earlier events have not ended within {options.Value.HandlerBudget.TotalSeconds} s, so no further action starts until one of them ends");
        }

        if (await ClaimAsync(action, workflowEvent, cancellationToken) is { } claim)
        {
            await RunWithinBudgetAsync(claim, budget, cancellationToken);
        }
    }

    // The handler waits until the budget of the event ends. Longer work continues in the background under its lease, and the pending index lists the action.
    private async Task RunWithinBudgetAsync(Claim claim, Task budget, CancellationToken cancellationToken)
    {
        var running = executor.RunAsync(claim, CancellationToken.None);
        if (await Task.WhenAny(running, budget) != running)
        {
            Interlocked.Increment(ref _background);
            _ = ObserveAsync(running, claim.Id);
            await pending.AddAsync(claim.Record, time.GetUtcNow() + options.Value.Lease, cancellationToken);
            return;
        }

        await running;
    }

    private async Task ObserveAsync(Task running, string id)
    {
        try
        {
            await running;
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            // No token cancels the action, so an OperationCanceledException is a time-out of a client.
            LogLeftToReconciler(id, exception.Message);
        }
        finally
        {
            Interlocked.Decrement(ref _background);
        }
    }

    // Returns null if the action is finished. Returns null also if another claim holds the action, or if the action waits: it is then in the pending index.
    private async Task<Claim?> ClaimAsync(PlannedAction action, WorkflowEvent workflowEvent, CancellationToken cancellationToken)
    {
        var (owner, now) = (service.NewOwner(), time.GetUtcNow());
        var record = action.ToRecord(service.Name, workflowEvent, now) with { LeaseOwner = owner, LeaseUntil = now + options.Value.Lease };

        // Most events are delivered once, so the record is created without a read first. If it exists, the store returns it.
        var existing = await records.CreateAsync(record, cancellationToken);
        if (existing is null || existing.Record.LeaseOwner == owner)
        {
            LogAccepted(record.Id, record.Rule, workflowEvent.Type, workflowEvent.Id);
            return new Claim(record.Id, owner, existing?.Record ?? record);
        }

        if (record.ForcedBy is not null)
        {
            await restart.ReplayAsync(record, cancellationToken);
            existing = await records.FindAsync(record.Id, cancellationToken);
        }

        return existing is { Record.IsFinished: false } ? await TakeOverAsync(existing, owner, cancellationToken) : null;
    }

    private async Task<Claim?> TakeOverAsync(Stored existing, string owner, CancellationToken cancellationToken)
    {
        if (await executor.TryTakeAsync(existing, owner, cancellationToken) is { } claim)
        {
            return claim;
        }

        // Another claim holds the action, or the action waits. The holder may be handling an earlier delivery of this message. If the process of that holder
        // ends, only the index lists the action.
        var now = time.GetUtcNow();
        await pending.AddAsync(existing.Record, (holders.NotBefore(existing.Record, owner, now) ?? now) + options.Value.PollInterval, cancellationToken);
        return null;
    }

    [LoggerMessage(1, LogLevel.Information, "Action {ActionId} of rule {Rule} accepted for {EventType} {EventId}")]
    private partial void LogAccepted(string actionId, string rule, string eventType, string eventId);

    [LoggerMessage(2, LogLevel.Warning, "The result of a step of action {ActionId} could not be recorded: {Reason}. The reconciler continues the action when its lease ends")]
    private partial void LogLeftToReconciler(string actionId, string reason);
}
