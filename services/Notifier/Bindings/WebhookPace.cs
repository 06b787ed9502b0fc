namespace MLEvents.Notifier.Bindings;

/// <summary>
/// Keeps the calls of each binding below the rate of its target, and pauses them while the target asks to wait (Retry-After). Each replica counts only its own calls, so the
/// target may still ask to wait.
/// </summary>
internal sealed class WebhookPace(TimeProvider time)
{
    // Chats accept short bursts.
    private const int Burst = 5;

    private static readonly TimeSpan MaxPause = TimeSpan.FromHours(1);
    private readonly Dictionary<string, Pace> _paces = new(StringComparer.Ordinal);
    private readonly Lock _gate = new();

    /// <summary>Takes the turn of a call, or says how long the call must wait.</summary>
    /// <param name="binding">The binding.</param>
    /// <param name="spacing">The average time from one call to the next; zero for no limit.</param>
    /// <returns>How long the call must wait before it asks again; null if it may be made now.</returns>
    public TimeSpan? FindWait(string binding, TimeSpan spacing)
    {
        lock (_gate)
        {
            var (now, pace) = (time.GetUtcNow(), _paces.GetValueOrDefault(binding));
            var next = pace.Next > now ? pace.Next : now;
            var wait = Latest(pace.PausedUntil - now, next - now - (spacing * (Burst - 1)));
            if (wait <= TimeSpan.Zero)
            {
                _paces[binding] = pace with { Next = next + spacing, Waiting = Math.Max(0, pace.Waiting - 1) };
                return null;
            }

            // Waiting calls must not all ask again at the same time.
            _paces[binding] = pace with { Waiting = pace.Waiting + 1 };
            return wait + (spacing * (pace.Waiting * (0.5 + (Random.Shared.NextDouble() * 0.5))));
        }
    }

    /// <summary>Records that the target asks to wait.</summary>
    public void Pause(string binding, TimeSpan wait)
    {
        lock (_gate)
        {
            var until = time.GetUtcNow() + (wait < MaxPause ? wait : MaxPause);
            var pace = _paces.GetValueOrDefault(binding);
            _paces[binding] = pace with { PausedUntil = until > pace.PausedUntil ? until : pace.PausedUntil };
        }
    }

    private static TimeSpan Latest(TimeSpan one, TimeSpan other) => one > other ? one : other;

    private readonly record struct Pace(DateTimeOffset Next, DateTimeOffset PausedUntil, int Waiting);
}
