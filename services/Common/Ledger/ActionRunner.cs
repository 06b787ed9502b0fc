using System.Runtime.ExceptionServices;

using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

using MLEvents.Events;

namespace MLEvents.Ledger;

/// <summary>Brings about what the rules ask for, once per (service, rule, event), whatever crashes in between.</summary>
public sealed partial class ActionRunner
{
    private readonly LedgerService _service;
    private readonly RecordStore _records;
    private readonly PendingIndex _pending;
    private readonly ActivityPublisher _activity;
    private readonly ActionExecutor _stepper;
    private readonly ActionControl _control;
    private readonly LedgerOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger<ActionRunner> _logger;

    internal ActionRunner(
        LedgerService service, RecordStore records, PendingIndex pending, ActivityPublisher activity, ActionExecutor stepper, ActionControl control,
        IOptions<LedgerOptions> options, TimeProvider time, ILogger<ActionRunner> logger)
    {
        (_service, _records, _pending, _activity, _stepper, _control) = (service, records, pending, activity, stepper, control);
        (_options, _time, _logger) = (options.Value, time, logger);
    }

    /// <summary>Carries out, or surely brings about, the actions that rules ask for because of an event.</summary>
    /// <returns>A task that completes when each action is done or is in the pending index: only then may the message be acknowledged.</returns>
    /// <exception cref="Dapr.DaprException">The state store or the broker is away; deliver the message again.</exception>
    /// <exception cref="AggregateException">The actions of several rules failed to be recorded.</exception>
    public async Task RunAsync(WorkflowEvent workflowEvent, IEnumerable<ActionRequest> requests, CancellationToken cancellationToken)
    {
        using var done = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var budget = Task.Delay(_options.HandlerBudget, _time, done.Token);
        var faults = new List<Exception>();
        foreach (var request in requests)
        {
            try
            {
                await RunAsync(request, workflowEvent, budget, cancellationToken);
            }
            catch (Exception fault) when (fault is not OperationCanceledException)
            {
                // What one rule's action fails on is no reason to withhold those of the others.
                faults.Add(fault);
            }
        }

        await done.CancelAsync();
        Throw(faults);
    }

    /// <summary>Makes a pending action due now, because an event says that what it waits for has happened.</summary>
    /// <param name="id">The action's id; one that is not pending is ignored.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    public async Task WakeAsync(string id, CancellationToken cancellationToken)
    {
        // The id comes from a tag, which anybody may write, and a store refuses some keys each time it is asked.
        while (ActionRecord.IsId(id) && await _records.FindAsync(id, cancellationToken) is { Record.IsFinished: false } there)
        {
            var now = _time.GetUtcNow();
            if (there.Record.DueAt is null || there.Record.DueAt <= now || await _records.TryUpdateAsync(there, there.Record with { DueAt = now }, cancellationToken))
            {
                await _pending.AddAsync(there.Record, now, cancellationToken);
                return;
            }
        }
    }

    private static void Throw(List<Exception> faults)
    {
        if (faults.Count == 1)
        {
            ExceptionDispatchInfo.Throw(faults[0]);
        }

        if (faults.Count > 1)
        {
            throw new AggregateException(faults);
        }
    }

    private async Task RunAsync(ActionRequest request, WorkflowEvent workflowEvent, Task budget, CancellationToken cancellationToken)
    {
        var claim = await ClaimAsync(request, workflowEvent, cancellationToken);
        if (claim is null)
        {
            return;
        }

        await RunWithinBudgetAsync(claim, budget, cancellationToken);
    }

    // A handler works for a few seconds at most: what takes longer goes on beside it, under its lease, with the index to remember it.
    private async Task RunWithinBudgetAsync(Claim claim, Task budget, CancellationToken cancellationToken)
    {
        var running = _stepper.RunAsync(claim, CancellationToken.None);
        if (await Task.WhenAny(running, budget) != running)
        {
            _ = ObserveAsync(running, claim.Id);
            await _pending.AddAsync(claim.Record, _time.GetUtcNow() + _options.Lease, cancellationToken);
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
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            LogLeftToReconciler(id, exception.Message);
        }
    }

    // Null: somebody else has done it, or it is surely brought about by whoever holds it and, should he die, by the reconciler.
    private async Task<Claim?> ClaimAsync(ActionRequest request, WorkflowEvent workflowEvent, CancellationToken cancellationToken)
    {
        var owner = _service.NewOwner();
        var record = request.ToRecord(_service.Name, workflowEvent, _time.GetUtcNow()) with { LeaseOwner = owner, LeaseUntil = _time.GetUtcNow() + _options.Lease };
        if (await _records.FindAsync(record.Id, cancellationToken) is null)
        {
            // Said before it is stored: a crash in between says it again with the same id, the other order might never say it.
            await _activity.PublishAsync(record, cancellationToken);
            if (await _records.TryCreateAsync(record, cancellationToken))
            {
                LogAccepted(record.Id, record.Rule, workflowEvent.Type, workflowEvent.Id);
                return new Claim(record.Id, owner, record);
            }
        }
        else if (record.ForcedBy is not null)
        {
            await _control.ReplayAsync(record, cancellationToken);
        }

        return await TakeOverAsync(record.Id, owner, cancellationToken);
    }

    private async Task<Claim?> TakeOverAsync(string id, string owner, CancellationToken cancellationToken)
    {
        if (await _stepper.TryTakeAsync(id, owner, cancellationToken) is { } claim)
        {
            return claim;
        }

        // Another works on it, or it waits. The message of the other may be this very one, redelivered: only the index keeps the action if it dies.
        if (await _records.FindAsync(id, cancellationToken) is { Record.IsFinished: false } there)
        {
            var now = _time.GetUtcNow();
            await _pending.AddAsync(there.Record, (there.Record.NotBefore(owner, now) ?? now) + _options.PollInterval, cancellationToken);
        }

        return null;
    }

    [LoggerMessage(1, LogLevel.Information, "Action {ActionId} of rule {Rule} accepted for {EventType} {EventId}")]
    private partial void LogAccepted(string actionId, string rule, string eventType, string eventId);

    [LoggerMessage(2, LogLevel.Warning, "Action {ActionId} could not be recorded: {Reason}. The reconciler goes on with it when its lease ends")]
    private partial void LogLeftToReconciler(string actionId, string reason);
}
