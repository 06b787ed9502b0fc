using Microsoft.Extensions.Time.Testing;

namespace MLEvents.Local.Sidecar.Tests.Resiliency;

/// <summary>A fake clock that tells what is waited for, so that a test moves it only when the wait has begun.</summary>
internal sealed class WatchedTime : FakeTimeProvider
{
    /// <summary>When each wait that has begun will be over, since the start of the clock. What has no end is left out.</summary>
    public Seen<TimeSpan> Waits { get; } = new();

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
