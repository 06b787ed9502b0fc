using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace MLEvents.Ledger;

/// <summary>Advances the actions that outlive their message: those that wait, and those whose holder died.</summary>
internal sealed partial class Reconciler(
    LedgerService service, PendingIndex pending, RecordStore records, ActionStepper stepper, ReconcilerSignal signal, LedgerTelemetry telemetry,
    IOptions<LedgerOptions> options, TimeProvider time, ILogger<Reconciler> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await signal.WaitAsync(Jittered(options.Value.PollInterval), stoppingToken);
                await ReconcileAsync(stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                // Stopping: what is pending is left in the index, for others or for the next start.
                return;
            }
            catch (Exception exception) when (exception is not OperationCanceledException || !stoppingToken.IsCancellationRequested)
            {
                LogRoundFailed(exception.Message);
            }
        }
    }

    /// <summary>One look at the pending actions.</summary>
    internal async Task ReconcileAsync(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var all = await pending.ListAsync(cancellationToken);
        telemetry.Pending(all.Count);
        if (all.FirstOrDefault(action => action.DueAt > now) is { } next)
        {
            signal.Due(next.DueAt);
        }

        var parallel = new ParallelOptions { MaxDegreeOfParallelism = options.Value.Concurrency, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(all.Where(action => action.DueAt <= now), parallel, (action, stopping) => AdvanceAsync(action, stopping));
    }

    // A step that has begun is finished even when the service stops: cut short, its lease would keep the others waiting.
    private async ValueTask AdvanceAsync(PendingAction action, CancellationToken stopping)
    {
        var owner = service.NewOwner();
        try
        {
            if (await stepper.TryTakeAsync(action.Id, owner, CancellationToken.None) is { } claim)
            {
                // Marked as pending, so that its end takes it out of the index.
                await stepper.RunAsync(claim with { Record = claim.Record with { DueAt = action.DueAt } }, CancellationToken.None);
            }
            else
            {
                await LeaveAsync(action, owner, CancellationToken.None);
            }
        }
        catch (Exception exception) when (exception is not OperationCanceledException || !stopping.IsCancellationRequested)
        {
            LogNotAdvanced(action.Id, exception.Message);
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

    private static TimeSpan Jittered(TimeSpan interval) => interval * (0.9 + (Random.Shared.NextDouble() * 0.2));

    [LoggerMessage(1, LogLevel.Warning, "Looking at the pending actions failed: {Reason}. The next look follows; check the state store and the Dapr sidecar")]
    private partial void LogRoundFailed(string reason);

    [LoggerMessage(2, LogLevel.Warning, "Advancing action {ActionId} failed: {Reason}. It stays pending")]
    private partial void LogNotAdvanced(string actionId, string reason);
}
