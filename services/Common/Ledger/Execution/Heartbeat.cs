using MLEvents.Ledger.Records;

namespace MLEvents.Ledger.Execution;

/// <summary>Renews a lease while a step runs, and cancels a token when the lease is lost. A step that ends within a third of the lease causes no write.</summary>
internal sealed class Heartbeat : IAsyncDisposable
{
    private readonly RecordStore _records;
    private readonly Claim _claim;
    private readonly TimeSpan _lease;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _lost;
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _gate = new();
    private readonly ITimer _timer;
    private DateTimeOffset _until;
    private Task _beat = Task.CompletedTask;

    private Heartbeat(RecordStore records, Claim claim, TimeSpan lease, TimeProvider time, CancellationToken cancellationToken)
    {
        (_records, _claim, _lease, _time) = (records, claim, lease, time);
        _lost = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        _until = time.GetUtcNow() + lease;
        _timer = time.CreateTimer(static heartbeat => (heartbeat as Heartbeat)?.Beat(), this, lease / 3, lease / 3);
    }

    /// <summary>Cancelled when the lease is lost, or when the token of the caller is cancelled.</summary>
    public CancellationToken Lost => _lost.Token;

    public static Heartbeat Start(RecordStore records, Claim claim, TimeSpan lease, TimeProvider time, CancellationToken cancellationToken) =>
        new(records, claim, lease, time, cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await _timer.DisposeAsync();
        await _stop.CancelAsync();
        await LastBeat();
        _stop.Dispose();
        _lost.Dispose();
    }

    private Task LastBeat()
    {
        lock (_gate)
        {
            return _beat;
        }
    }

    private void Beat()
    {
        lock (_gate)
        {
            if (_beat.IsCompleted && !_stop.IsCancellationRequested)
            {
                _beat = BeatAsync();
            }
        }
    }

    private async Task BeatAsync()
    {
        var next = _time.GetUtcNow() + _lease;
        _until = await TryRenewAsync(next) switch { true => next, false => DateTimeOffset.MinValue, null => _until };
        if (_time.GetUtcNow() >= _until && !_stop.IsCancellationRequested)
        {
            await _lost.CancelAsync();
        }
    }

    // False: another claim holds the lease, or the record no longer exists. Null: the state is unknown, because the step ended, the store did not answer or another
    // write came first. The lease is then valid until it expires, and the next heartbeat tries again.
    private async Task<bool?> TryRenewAsync(DateTimeOffset until)
    {
        try
        {
            return await _records.FindAsync(_claim.Id, _stop.Token) is { } stored && stored.Record.LeaseOwner == _claim.Owner
                ? await _records.TryUpdateAsync(stored, stored.Record with { LeaseUntil = until }, _stop.Token) ? true : null
                : false;
        }
        catch (Exception exception) when (exception is Dapr.DaprException or TimeoutException or OperationCanceledException)
        {
            return null;
        }
    }
}
