namespace MLEvents.Local.Sidecar.Resiliency;

/// <summary>Settings of a circuit breaker.</summary>
/// <param name="Trip">When a closed breaker opens. Default <c>consecutiveFailures &gt; 5</c>.</param>
/// <param name="MaxRequests">Calls let through, and successes needed to close, while half open, 1 upwards. Default 1.</param>
/// <param name="Interval">Time after which the counters of a closed breaker are reset; zero, the default, for never.</param>
/// <param name="Timeout">How long the breaker stays open. Default 60 s.</param>
internal sealed record BreakerSettings(TripCondition Trip, int MaxRequests, TimeSpan Interval, TimeSpan Timeout);

/// <summary>Fails calls at once while their target is broken.</summary>
internal sealed class CircuitBreaker(BreakerSettings settings, TimeProvider time)
{
    private readonly Lock _gate = new();
    private readonly long[] _counts = new long[Enum.GetValues<BreakerCounter>().Length];
    private State _state = State.Closed;
    private DateTimeOffset? _until = settings.Interval > TimeSpan.Zero ? time.GetUtcNow() + settings.Interval : null;

    private enum State
    {
        Closed,
        Open,
        HalfOpen,
    }

    /// <summary>Asks for a call to be let through.</summary>
    /// <exception cref="BreakerOpenException">The breaker is open, or half open with enough calls running.</exception>
    public void Enter()
    {
        lock (_gate)
        {
            Advance();
            if (_state == State.Open)
            {
                throw new BreakerOpenException();
            }

            if (_state == State.HalfOpen && Count(BreakerCounter.Requests) >= settings.MaxRequests)
            {
                throw new BreakerOpenException("too many requests");
            }

            Count(BreakerCounter.Requests)++;
        }
    }

    /// <summary>Reports how a call that was let through ended.</summary>
    public void Leave(bool succeeded)
    {
        lock (_gate)
        {
            Advance();
            CountResult(succeeded);
            if (_state == State.HalfOpen)
            {
                LeaveHalfOpen(succeeded);
            }
            else if (_state == State.Closed && !succeeded && Count(settings.Trip.Counter) >= settings.Trip.Least)
            {
                Change(State.Open, settings.Timeout);
            }
        }
    }

    private ref long Count(BreakerCounter counter) => ref _counts[(int)counter];

    private void LeaveHalfOpen(bool succeeded)
    {
        if (!succeeded)
        {
            Change(State.Open, settings.Timeout);
        }
        else if (Count(BreakerCounter.ConsecutiveSuccesses) >= settings.MaxRequests)
        {
            Change(State.Closed, settings.Interval);
        }
    }

    private void CountResult(bool succeeded)
    {
        Count(succeeded ? BreakerCounter.TotalSuccesses : BreakerCounter.TotalFailures)++;
        Count(succeeded ? BreakerCounter.ConsecutiveSuccesses : BreakerCounter.ConsecutiveFailures)++;
        Count(succeeded ? BreakerCounter.ConsecutiveFailures : BreakerCounter.ConsecutiveSuccesses) = 0;
    }

    private void Advance()
    {
        if (_until is { } until && time.GetUtcNow() >= until)
        {
            Change(_state == State.Open ? State.HalfOpen : _state, _state == State.Open ? TimeSpan.Zero : settings.Interval);
        }
    }

    private void Change(State state, TimeSpan lasting)
    {
        _state = state;
        _until = lasting > TimeSpan.Zero ? time.GetUtcNow() + lasting : null;
        Array.Clear(_counts);
    }
}
