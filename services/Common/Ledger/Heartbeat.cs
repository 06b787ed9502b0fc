namespace MLEvents.Ledger;

/// <summary>Renews a lease while a step is taken; says so when it is lost.</summary>
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
            // The step is over; the lease is released with its result.
        }
    }

    // False: the lease is another's, which is not to be renewed for him. Null: not known; the store may tell by the next beat, and until then the lease runs on.
    private async Task<bool?> TryRenewAsync(RecordStore records, Claim claim, DateTimeOffset until)
    {
        try
        {
            return await records.FindAsync(claim.Id, _stop.Token) is { } there && there.Record.LeaseOwner == claim.Owner
                ? await records.TryUpdateAsync(there, there.Record with { LeaseUntil = until }, _stop.Token) ? true : null
                : false;
        }
        catch (Dapr.DaprException)
        {
            return null;
        }
    }
}
