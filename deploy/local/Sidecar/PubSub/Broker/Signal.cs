namespace MLEvents.Local.Sidecar.PubSub.Broker;

/// <summary>Wakes one waiter. A signal that is set several times before the wait counts once.</summary>
internal sealed class Signal : IDisposable
{
    private readonly Lock _gate = new();
    private readonly ITimer _timer;
    private TaskCompletionSource? _waiter;
    private bool _isSet;

    public Signal(TimeProvider time) => _timer = time.CreateTimer(_ => Set(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);

    public void Set()
    {
        TaskCompletionSource? waiter;
        lock (_gate)
        {
            waiter = _waiter;
            _waiter = null;
            _isSet = waiter is null;
        }

        waiter?.SetResult();
    }

    /// <summary>Waits until the signal is set or the time is over (null: no limit). The wait can also end earlier, because the time limit of an earlier wait sets the signal.</summary>
    public Task WaitAsync(TimeSpan? atMost)
    {
        lock (_gate)
        {
            if (_isSet)
            {
                _isSet = false;
                return Task.CompletedTask;
            }

            _waiter ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _timer.Change(atMost ?? Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            return _waiter.Task;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _timer.Dispose();
}
