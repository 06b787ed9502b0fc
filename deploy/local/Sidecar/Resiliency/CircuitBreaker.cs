using MLEvents.Local.Sidecar.Cel;

namespace MLEvents.Local.Sidecar.Resiliency;

/// <summary>Settings of a circuit breaker.</summary>
/// <param name="Trip">Condition over requests, totalSuccesses, totalFailures, consecutiveSuccesses and consecutiveFailures. Default <c>consecutiveFailures &gt; 5</c>.</param>
/// <param name="MaxRequests">Requests let through, and successes needed, while half open. Default 1.</param>
/// <param name="Interval">After this time the counts of a closed breaker start anew; zero for never, which is the default.</param>
/// <param name="Timeout">How long it stays open. Default 60 s.</param>
internal sealed record BreakerSettings(CelExpression Trip, int MaxRequests, TimeSpan Interval, TimeSpan Timeout)
{
    /// <summary>Names a trip condition may use.</summary>
    public static readonly string[] Counters = ["requests", "totalSuccesses", "totalFailures", "consecutiveSuccesses", "consecutiveFailures"];
}

/// <summary>Fails calls at once while the other side is broken.</summary>
internal sealed class CircuitBreaker(BreakerSettings settings, TimeProvider time)
{
    private readonly Lock _gate = new();
    private readonly double[] _counts = new double[BreakerSettings.Counters.Length];
    private State _state = State.Closed;
    private DateTimeOffset? _until = settings.Interval > TimeSpan.Zero ? time.GetUtcNow() + settings.Interval : null;

    private enum State
    {
        Closed,
        Open,
        HalfOpen,
    }

    /// <summary>Asks for a call to be let through.</summary>
    /// <exception cref="BreakerOpenException">It is not.</exception>
    public void Enter()
    {
        lock (_gate)
        {
            Advance();
            if (_state == State.Open)
            {
                throw new BreakerOpenException();
            }

            if (_state == State.HalfOpen && _counts[0] >= settings.MaxRequests)
            {
                throw new BreakerOpenException("too many requests");
            }

            _counts[0]++;
        }
    }

    /// <summary>Reports how a call that was let through ended.</summary>
    public void Leave(bool succeeded)
    {
        lock (_gate)
        {
            Advance();
            Count(succeeded);
            if (_state == State.HalfOpen)
            {
                LeaveHalfOpen(succeeded);
            }
            else if (_state == State.Closed && !succeeded && settings.Trip.Holds(Variables()))
            {
                Enter(State.Open, settings.Timeout);
            }
        }
    }

    private void LeaveHalfOpen(bool succeeded)
    {
        if (!succeeded)
        {
            Enter(State.Open, settings.Timeout);
        }
        else if (_counts[3] >= settings.MaxRequests)
        {
            Enter(State.Closed, settings.Interval);
        }
    }

    private void Count(bool succeeded)
    {
        _counts[succeeded ? 1 : 2]++;
        _counts[3] = succeeded ? _counts[3] + 1 : 0;
        _counts[4] = succeeded ? 0 : _counts[4] + 1;
    }

    private void Advance()
    {
        if (_until is { } until && time.GetUtcNow() >= until)
        {
            Enter(_state == State.Open ? State.HalfOpen : _state, _state == State.Open ? TimeSpan.Zero : settings.Interval);
        }
    }

    private void Enter(State state, TimeSpan lasting)
    {
        _state = state;
        _until = lasting > TimeSpan.Zero ? time.GetUtcNow() + lasting : null;
        Array.Clear(_counts);
    }

    private Dictionary<string, object?> Variables() =>
        BreakerSettings.Counters.Zip(_counts).ToDictionary(pair => pair.First, pair => (object?)pair.Second);
}
