using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

using MLEvents.Ledger.Activity;
using MLEvents.Ledger.Execution;
using MLEvents.Ledger.Indexes;
using MLEvents.Ledger.Records;

namespace MLEvents.Ledger.Reconciliation;

/// <summary>
/// Continues the actions that their message handler did not finish: those that wait, and those whose lease holder ended. Also publishes the events that the broker did not accept before.
/// </summary>
internal sealed partial class Reconciler(
    LedgerService service, PendingIndex pending, RecordStore records, LeaseHolders holders, ActionExecutor executor, ActivityOutbox outbox, ReconcilerSignal signal, LedgerTelemetry telemetry,
    IOptions<LedgerOptions> options, TimeProvider time, ILogger<Reconciler> logger) : BackgroundService
{
    // The time of a read grows with the number of pending actions: with 100,000 of them, it needs about 0.3 s of processor time.
    private const int ActionsPerInterval = 10_000;
    private const int MaxIntervals = 12;

    private readonly FairConcurrencyLimiter _limiter = new(options.Value.Concurrency);
    private readonly CancellationTokenSource _aborted = new();
    private readonly Lock _gate = new();
    private List<IndexedAction> _waiting = [];
    private int _pending;

    // Whether a process has ended and some of its actions may not have been read since.
    private bool _reclaims;

    public override void Dispose()
    {
        _aborted.Dispose();
        base.Dispose();
    }

    /// <summary>The time between two reads of the index.</summary>
    /// <param name="shortest">The interval for up to 10,000 pending actions.</param>
    /// <param name="pending">The number of pending actions.</param>
    internal static TimeSpan Interval(TimeSpan shortest, int pending) => shortest * Math.Clamp(pending / (double)ActionsPerInterval, 1, MaxIntervals);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await signal.WaitAsync(Backoff.Jittered(Interval(options.Value.PollInterval, _pending)), stoppingToken);
                await ScanAsync(stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                // Pending actions stay in the index for other replicas or the next start.
                break;
            }
            catch (Exception exception) when (exception is not OperationCanceledException || !stoppingToken.IsCancellationRequested)
            {
                LogRoundFailed(exception.Message);
            }
        }

        await DrainAsync();
    }

    // Does not wait for running actions, because a slow action must not delay those that become due in the meantime.
    private async Task ScanAsync(CancellationToken stopping)
    {
        var now = time.GetUtcNow();

        // The index is read after the check. In the opposite order, the reconciler could miss an action that a process adds after the read and before the process ends.
        _reclaims |= holders.FindEnded();
        var (all, unreadable) = await pending.ReadAsync(stopping);
        foreach (var (key, failure) in unreadable)
        {
            LogUnreadable(failure, key);
        }

        _pending = all.Count;
        if (unreadable.Count == 0)
        {
            telemetry.Pending(all.Count);
        }

        if (_reclaims)
        {
            all = await ReclaimAsync(all, now, stopping);
            _reclaims = unreadable.Count > 0;
        }

        if (all.FirstOrDefault(action => action.DueAt > now) is { } next)
        {
            signal.Due(next.DueAt);
        }

        lock (_gate)
        {
            _waiting = [.. all.Where(action => action.DueAt <= now)];
        }

        StartNext(stopping);
    }

    // The index stores the end of the lease as the time of the next step. If the lease holder has ended, the action is due now.
    private async Task<IReadOnlyList<IndexedAction>> ReclaimAsync(IReadOnlyList<IndexedAction> all, DateTimeOffset now, CancellationToken stopping)
    {
        var latest = now + options.Value.Lease + options.Value.PollInterval;
        var result = new List<IndexedAction>(all.Count);
        foreach (var action in all)
        {
            if (action.DueAt > now && action.DueAt <= latest && await records.FindAsync(action.Id, stopping) is { Record: { IsFinished: false } record } && holders.IsHeldByEnded(record))
            {
                await pending.AddAsync(record, now, stopping);
                result.Add(action with { DueAt = now });
            }
            else
            {
                result.Add(action);
            }
        }

        return [.. result.OrderBy(action => action.DueAt)];
    }

    private void StartNext(CancellationToken stopping)
    {
        lock (_gate)
        {
            if (stopping.IsCancellationRequested)
            {
                return;
            }

            var taken = _limiter.Take(_waiting);
            foreach (var action in taken)
            {
                _ = Task.Run(() => AdvanceAsync(action, stopping), CancellationToken.None);
            }

            if (taken.Count > 0 && _waiting.Count == 0)
            {
                // The last due action has started, and more actions may be due by now. If no action was started, all due actions already run, and the new due time of each one causes the next scan.
                signal.Due(time.GetUtcNow());
            }
        }
    }

    private async Task AdvanceAsync(IndexedAction action, CancellationToken stopping)
    {
        try
        {
            await AdvanceAsync(action);
        }
        catch (Exception exception) when (exception is not OperationCanceledException || !_aborted.IsCancellationRequested)
        {
            LogNotAdvanced(action.Id, exception.Message);
        }
        finally
        {
            if (_limiter.Free(action.Id))
            {
                signal.Due(time.GetUtcNow());
            }

            StartNext(stopping);
        }
    }

    private async Task AdvanceAsync(IndexedAction action)
    {
        var owner = service.NewOwner();
        if (await executor.TryTakeAsync(action.Id, owner, CancellationToken.None) is not { } claim)
        {
            await RemoveOrDeferAsync(action, owner, CancellationToken.None);
            return;
        }

        try
        {
            // The due time marks the action as pending, so that the action is removed from the index when it ends.
            await executor.RunAsync(claim with { Record = claim.Record with { DueAt = action.DueAt } }, _aborted.Token);
        }
        catch (OperationCanceledException) when (_aborted.IsCancellationRequested)
        {
            await executor.ReleaseAsync(claim, CancellationToken.None);
        }
    }

    // When the service stops, a running step gets time to end, because an aborted step has to be repeated.
    private async Task DrainAsync()
    {
        var empty = _limiter.WhenEmpty();
        if (await Task.WhenAny(empty, Task.Delay(options.Value.Drain, time, CancellationToken.None)) != empty)
        {
            LogAborted(options.Value.Drain);
            await _aborted.CancelAsync();
            await empty;
        }
    }

    // A finished or expired action is removed from the index after its events are published. If an action is leased, or waits longer than its index entry says, the entry is deferred.
    private async Task RemoveOrDeferAsync(IndexedAction action, string owner, CancellationToken cancellationToken)
    {
        var found = await records.FindAsync(action.Id, cancellationToken);
        if (found is { Record: { Unpublished: not null, LeaseOwner: null } } && !await outbox.TryFlushAsync(found, cancellationToken))
        {
            return;
        }

        if (found is not { Record.IsFinished: false } stored)
        {
            await pending.RemoveAsync(action.Id, cancellationToken);
        }
        else if (holders.NotBefore(stored.Record, owner, time.GetUtcNow()) is { } later)
        {
            await pending.DeferAsync(action, later, cancellationToken);
        }
    }

    [LoggerMessage(1, LogLevel.Warning, "The pending actions could not be read: {Reason}. The reconciler tries again; check the state store and the Dapr sidecar")]
    private partial void LogRoundFailed(string reason);

    [LoggerMessage(2, LogLevel.Warning, "Action {ActionId} could not be continued: {Reason}. It stays pending")]
    private partial void LogNotAdvanced(string actionId, string reason);

    [LoggerMessage(3, LogLevel.Information, "Running steps did not end within {Drain}; they are aborted and left to other replicas")]
    private partial void LogAborted(TimeSpan drain);

    [LoggerMessage(4, LogLevel.Warning, "The pending actions in key {Key} of the state store could not be read. The reconciler continues the actions in the other keys and tries again; check the state store")]
    private partial void LogUnreadable(Exception exception, string key);
}
