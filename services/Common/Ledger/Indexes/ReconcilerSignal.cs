namespace MLEvents.Ledger.Indexes;

/// <summary>Tells the reconciler of this process when its next work is due, so that it does not wait for the poll interval.</summary>
internal sealed class ReconcilerSignal(TimeProvider time)
{
    private readonly Lock _lock = new();
    private DateTimeOffset _next = DateTimeOffset.MaxValue;
    private TaskCompletionSource _earlier = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Signals that work is due at a time.</summary>
    public void Due(DateTimeOffset at)
    {
        lock (_lock)
        {
            if (at >= _next)
            {
                return;
            }

            _next = at;
            _earlier.TrySetResult();
        }
    }

    /// <summary>Waits until work is due, or for <paramref name="maxWait"/> at most.</summary>
    public async Task WaitAsync(TimeSpan maxWait, CancellationToken cancellationToken)
    {
        var until = time.GetUtcNow() + maxWait;
        while (true)
        {
            var (wait, earlier) = Next(until);
            if (wait <= TimeSpan.Zero)
            {
                return;
            }

            using var cancelled = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            await Task.WhenAny(earlier, Task.Delay(wait, time, cancelled.Token));
            await cancelled.CancelAsync();
            cancellationToken.ThrowIfCancellationRequested();
        }
    }

    private (TimeSpan Wait, Task Earlier) Next(DateTimeOffset until)
    {
        lock (_lock)
        {
            var at = _next < until ? _next : until;
            var wait = at - time.GetUtcNow();
            if (wait <= TimeSpan.Zero)
            {
                _next = DateTimeOffset.MaxValue;
            }

            _earlier = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return (wait, _earlier.Task);
        }
    }
}
