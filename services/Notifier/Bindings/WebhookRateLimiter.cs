namespace MLEvents.Notifier.Bindings;

/// <summary>
/// Keeps the calls of each binding below the rate of its target, and pauses them for the time that the target requests (Retry-After). Each replica counts only
/// its own calls, so the target may still request a pause.
/// </summary>
internal sealed class WebhookRateLimiter(TimeProvider time)
{
    // Chats accept short bursts.
    private const int Burst = 5;

    private static readonly TimeSpan MaxPause = TimeSpan.FromHours(1);
    private readonly Dictionary<string, CallRate> _rates = new(StringComparer.Ordinal);
    private readonly Lock _gate = new();

    /// <summary>Counts a call that may be made now, or returns how long the call must wait.</summary>
    /// <param name="binding">The binding.</param>
    /// <param name="spacing">The average time from one call to the next; zero for no limit.</param>
    /// <returns>How long the caller must wait before the next attempt; null if the call may be made now.</returns>
    public TimeSpan? FindWait(string binding, TimeSpan spacing)
    {
        lock (_gate)
        {
            var (now, rate) = (time.GetUtcNow(), _rates.GetValueOrDefault(binding));
            var next = rate.Next > now ? rate.Next : now;
            var wait = Latest(rate.PausedUntil - now, next - now - (spacing * (Burst - 1)));
            if (wait <= TimeSpan.Zero)
            {
                _rates[binding] = rate with { Next = next + spacing };
                return null;
            }

            // The waiting calls must not all come at the same time, so each call gets its own time for the next attempt. A call that is not made
            // at its time, for instance because its action was cancelled or continues on another replica, delays later calls by one spacing at most.
            var after = Latest(wait, rate.LastAttempt + spacing - now);
            _rates[binding] = rate with { LastAttempt = now + after };
            return after;
        }
    }

    /// <summary>Records that the target requests a pause. A pause of more than 1 h is shortened to 1 h.</summary>
    public void Pause(string binding, TimeSpan wait)
    {
        lock (_gate)
        {
            var until = time.GetUtcNow() + (wait < MaxPause ? wait : MaxPause);
            var rate = _rates.GetValueOrDefault(binding);
            _rates[binding] = rate with { PausedUntil = until > rate.PausedUntil ? until : rate.PausedUntil };
        }
    }

    private static TimeSpan Latest(TimeSpan one, TimeSpan other) => one > other ? one : other;

    // LastAttempt is the latest of the times that waiting calls have for their next attempts.
    private readonly record struct CallRate(DateTimeOffset Next, DateTimeOffset PausedUntil, DateTimeOffset LastAttempt);
}
