using MLEvents.Ledger.Records;

namespace MLEvents.Ledger.Execution;

/// <summary>Renews a lease while a step runs, and cancels a token when the lease is lost.</summary>
internal sealed class Heartbeat : IAsyncDisposable
{
    private readonly CancellationTokenSource _lost;
    private readonly CancellationTokenSource _stop = new();
    private Task _beating = Task.CompletedTask;

    private Heartbeat(CancellationToken cancellationToken) => _lost = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);

    /// <summary>Cancelled when the lease is lost or the service stops.</summary>
    public CancellationToken Lost => _lost.Token;

    public static Heartbeat Start(RecordStore records, Claim claim, TimeSpan lease, TimeProvider time, CancellationToken cancellationToken)
    {
        var heartbeat = new Heartbeat(cancellationToken);
        heartbeat._beating = heartbeat.BeatAsync(records, claim, lease, time);
        return heartbeat;
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _beating;
        _stop.Dispose();
        _lost.Dispose();
    }

    private async Task BeatAsync(RecordStore records, Claim claim, TimeSpan lease, TimeProvider time)
    {
        var until = time.GetUtcNow() + lease;
        using var timer = new PeriodicTimer(lease / 3, time);
        try
        {
            while (await timer.WaitForNextTickAsync(_stop.Token))
            {
                var next = time.GetUtcNow() + lease;
                until = await TryRenewAsync(records, claim, next) switch { true => next, false => DateTimeOffset.MinValue, null => until };
                if (time.GetUtcNow() >= until)
                {
                    await _lost.CancelAsync();
                    return;
                }
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // The step has ended; saving its result releases the lease.
        }
    }

    // False: another claim holds the lease. Null: unknown, because the store did not answer or another write came first; the lease holds until its time and the next beat tries again.
    private async Task<bool?> TryRenewAsync(RecordStore records, Claim claim, DateTimeOffset until)
    {
        try
        {
            return await records.FindAsync(claim.Id, _stop.Token) is { } stored && stored.Record.LeaseOwner == claim.Owner
                ? await records.TryUpdateAsync(stored, stored.Record with { LeaseUntil = until }, _stop.Token) ? true : null
                : false;
        }
        catch (Dapr.DaprException)
        {
            return null;
        }
    }
}
