using Microsoft.Extensions.Time.Testing;

namespace MLEvents.Local.Sidecar.Tests.Resiliency;

/// <summary>A fake clock that reports waits, so that a test advances it only after the wait has begun.</summary>
internal sealed class WatchedTime : FakeTimeProvider
{
    /// <summary>The ends of all waits that have begun, as times since the start of the clock. Waits without an end are left out.</summary>
    public ObservedItems<TimeSpan> Waits { get; } = new();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = base.CreateTimer(callback, state, dueTime, period);
        if (dueTime != Timeout.InfiniteTimeSpan)
        {
            Waits.Add(GetUtcNow() - Start + dueTime);
        }

        return timer;
    }
}
