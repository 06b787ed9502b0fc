using Microsoft.Extensions.Time.Testing;

namespace MLEvents.AzureML.Tests;

/// <summary>A clock that a test advances. It reports when code begins to wait, so that the test does not advance it too early.</summary>
internal sealed class WatchedTime : FakeTimeProvider
{
    private readonly Lock _lock = new();
    private readonly List<TimeSpan> _waits = [];
    private readonly List<(TimeSpan Wait, int Times, TaskCompletionSource Seen)> _watchers = [];

    /// <summary>Completes when the given number of waits of this length have begun.</summary>
    public Task WaitOf(TimeSpan wait, int times = 1)
    {
        lock (_lock)
        {
            var seen = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _watchers.Add((wait, times, seen));
            Notify();
            return seen.Task.WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);
        }
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = base.CreateTimer(callback, state, dueTime, period);
        lock (_lock)
        {
            _waits.Add(dueTime);
            Notify();
        }

        return timer;
    }

    private void Notify()
    {
        foreach (var (wait, times, seen) in _watchers)
        {
            if (_waits.Count(begun => begun == wait) >= times)
            {
                seen.TrySetResult();
            }
        }
    }
}
