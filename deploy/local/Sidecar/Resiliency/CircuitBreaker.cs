namespace MLEvents.Local.Sidecar.Resiliency;

/// <summary>Settings of a circuit breaker.</summary>
/// <param name="Trip">Condition on which a closed breaker opens. Default <c>consecutiveFailures &gt; 5</c>.</param>
/// <param name="MaxRequests">Maximum number of calls in the half-open state. The same number of successes in a row closes the breaker. 1 or more. Default 1.</param>
/// <param name="Interval">Time after which the counters of a closed breaker are reset; zero, the default, for never.</param>
/// <param name="Timeout">How long the breaker stays open. Default 60 s.</param>
internal sealed record BreakerSettings(TripCondition Trip, int MaxRequests, TimeSpan Interval, TimeSpan Timeout);

/// <summary>Refuses calls at once while their target fails.</summary>
internal sealed class CircuitBreaker(BreakerSettings settings, TimeProvider time)
{
    private readonly Lock _gate = new();
    private readonly long[] _counts = new long[Enum.GetValues<BreakerCounter>().Length];
    private State _state = State.Closed;
    private long _period;
    private DateTimeOffset? _until = settings.Interval > TimeSpan.Zero ? time.GetUtcNow() + settings.Interval : null;

    private enum State
    {
        Closed,
        Open,
        HalfOpen,
    }

    /// <summary>Begins a call, if the breaker allows it.</summary>
    /// <returns>The period in which the call begins, for <see cref="Leave"/>. A new period begins when the state changes or the counters are reset.</returns>
    /// <exception cref="BreakerOpenException">The breaker is open, or it is half open and has already allowed the maximum number of calls.</exception>
    public long Enter()
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
            return _period;
        }
    }

    /// <summary>Records the result of a call that was allowed. As in daprd, a result has no effect if the call began in an earlier period.</summary>
    public void Leave(long period, bool succeeded)
    {
        lock (_gate)
        {
            Advance();
            if (period != _period)
            {
                return;
            }

            CountResult(succeeded);
            if (_state == State.HalfOpen)
            {
                LeaveHalfOpen(succeeded);
            }
            else if (_state == State.Closed && !succeeded && Count(settings.Trip.Counter) >= settings.Trip.Threshold)
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
        _period++;
        _until = lasting > TimeSpan.Zero ? time.GetUtcNow() + lasting : null;
        Array.Clear(_counts);
    }
}
