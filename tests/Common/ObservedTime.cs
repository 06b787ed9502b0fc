using Microsoft.Extensions.Time.Testing;

namespace MLEvents.Tests.Common;

/// <summary>A clock that a test advances. It reports when code begins to wait, so that the test does not advance it too early.</summary>
public sealed class ObservedTime : FakeTimeProvider
{
    // Only a failing test waits this long.
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    private readonly Lock _lock = new();
    private readonly Dictionary<TimeSpan, int> _lengths = [];
    private readonly HashSet<TimeSpan> _ends = [];
    private readonly List<(Func<bool> IsMet, TaskCompletionSource Met)> _observers = [];

    /// <summary>Creates a clock that starts on 1 January 2000.</summary>
    public ObservedTime()
    {
    }

    /// <summary>Creates a clock that starts at the given time.</summary>
    public ObservedTime(DateTimeOffset start)
        : base(start)
    {
    }

    /// <summary>The number of waits of this length that have begun since the clock was created.</summary>
    public int CountWaits(TimeSpan length)
    {
        lock (_lock)
        {
            return _lengths.GetValueOrDefault(length);
        }
    }

    /// <summary>Completes when a wait of this length has begun.</summary>
    /// <exception cref="TimeoutException">No such wait began before the deadline.</exception>
    public Task WaitOfAsync(TimeSpan length, CancellationToken cancellationToken) => WaitsOfAsync(1, length, cancellationToken);

    /// <summary>Completes when the given number of waits of this length have begun since the clock was created.</summary>
    /// <exception cref="TimeoutException">Fewer waits began before the deadline.</exception>
    public Task WaitsOfAsync(int count, TimeSpan length, CancellationToken cancellationToken) => ObserveAsync(() => _lengths.GetValueOrDefault(length) >= count, cancellationToken);

    /// <summary>Completes when a wait has begun whose end is the given time after the start of the clock.</summary>
    /// <exception cref="TimeoutException">No such wait began before the deadline.</exception>
    public Task WaitUntilAsync(TimeSpan end, CancellationToken cancellationToken) => ObserveAsync(() => _ends.Contains(end), cancellationToken);

    /// <inheritdoc/>
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = base.CreateTimer(callback, state, dueTime, period);
        if (dueTime != Timeout.InfiniteTimeSpan)
        {
            lock (_lock)
            {
                _lengths[dueTime] = _lengths.GetValueOrDefault(dueTime) + 1;
                _ends.Add(GetUtcNow() - Start + dueTime);
                Notify();
            }
        }

        return timer;
    }

    private Task ObserveAsync(Func<bool> isMet, CancellationToken cancellationToken)
    {
        var met = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_lock)
        {
            _observers.Add((isMet, met));
            Notify();
        }

        return met.Task.WaitAsync(Deadline, TimeProvider.System, cancellationToken);
    }

    private void Notify() => _observers.RemoveAll(observer => observer.IsMet() && observer.Met.TrySetResult());
}
