using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace MLEvents.Ledger;

/// <summary>Advances the actions that outlive their message: those that wait, and those whose holder died.</summary>
internal sealed partial class Reconciler(
    LedgerService service, PendingIndex pending, RecordStore records, ActionExecutor stepper, ReconcilerSignal signal, LedgerTelemetry telemetry,
    IOptions<LedgerOptions> options, TimeProvider time, ILogger<Reconciler> logger) : BackgroundService
{
    private readonly FairConcurrencyLimiter _places = new(options.Value.Concurrency);
    private readonly CancellationTokenSource _aborted = new();
    private readonly Lock _gate = new();
    private List<PendingAction> _waiting = [];

    public override void Dispose()
    {
        _aborted.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await signal.WaitAsync(Backoff.Jittered(options.Value.PollInterval), stoppingToken);
                await LookAsync(stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                // Stopping: what is pending is left in the index, for others or for the next start.
                break;
            }
            catch (Exception exception) when (exception is not OperationCanceledException || !stoppingToken.IsCancellationRequested)
            {
                LogRoundFailed(exception.Message);
            }
        }

        await DrainAsync();
    }

    // What is under way is not waited for: a slow action must not keep those that fall due meanwhile.
    private async Task LookAsync(CancellationToken stopping)
    {
        var now = time.GetUtcNow();
        var all = await pending.ListAsync(stopping);
        telemetry.Pending(all.Count);
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

    private void StartNext(CancellationToken stopping)
    {
        lock (_gate)
        {
            if (stopping.IsCancellationRequested)
            {
                return;
            }

            var hadWaiting = _waiting.Count > 0;
            foreach (var action in _places.Take(_waiting))
            {
                _ = Task.Run(() => AdvanceAsync(action, stopping), CancellationToken.None);
            }

            if (hadWaiting && _waiting.Count == 0)
            {
                // The last of a backlog has its place: there may be more by now.
                signal.Due(time.GetUtcNow());
            }
        }
    }

    private async Task AdvanceAsync(PendingAction action, CancellationToken stopping)
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
            _places.Free(action.Id);
            StartNext(stopping);
        }
    }

    private async Task AdvanceAsync(PendingAction action)
    {
        var owner = service.NewOwner();
        if (await stepper.TryTakeAsync(action.Id, owner, CancellationToken.None) is not { } claim)
        {
            await LeaveAsync(action, owner, CancellationToken.None);
            return;
        }

        try
        {
            // Marked as pending, so that its end takes it out of the index.
            await stepper.RunAsync(claim with { Record = claim.Record with { DueAt = action.DueAt } }, _aborted.Token);
        }
        catch (OperationCanceledException) when (_aborted.IsCancellationRequested)
        {
            await stepper.ReleaseAsync(claim, CancellationToken.None);
        }
    }

    // A step that has begun is given time to end even when the service stops: broken off, it has to be taken again.
    private async Task DrainAsync()
    {
        var empty = _places.WhenEmpty();
        if (await Task.WhenAny(empty, Task.Delay(options.Value.Drain, time, CancellationToken.None)) != empty)
        {
            LogAborted(options.Value.Drain);
            await _aborted.CancelAsync();
            await empty;
        }
    }

    // Finished or gone: out of the index. Held by another, or waiting for longer than was noted: looked at again then.
    private async Task LeaveAsync(PendingAction action, string owner, CancellationToken cancellationToken)
    {
        if (await records.FindAsync(action.Id, cancellationToken) is not { Record.IsFinished: false } there)
        {
            await pending.RemoveAsync(action.Id, cancellationToken);
        }
        else if (there.Record.NotBefore(owner, time.GetUtcNow()) is { } later)
        {
            await pending.DeferAsync(action, later, cancellationToken);
        }
    }

    [LoggerMessage(1, LogLevel.Warning, "Looking at the pending actions failed: {Reason}. The next look follows; check the state store and the Dapr sidecar")]
    private partial void LogRoundFailed(string reason);

    [LoggerMessage(2, LogLevel.Warning, "Advancing action {ActionId} failed: {Reason}. It stays pending")]
    private partial void LogNotAdvanced(string actionId, string reason);

    [LoggerMessage(3, LogLevel.Information, "Steps under way did not end within {Drain}; they are broken off and left to others")]
    private partial void LogAborted(TimeSpan drain);
}
