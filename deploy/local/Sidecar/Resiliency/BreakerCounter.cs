namespace MLEvents.Local.Sidecar.Resiliency;

/// <summary>The counters of a circuit breaker. They are reset when its state changes, and after each interval in the closed state.</summary>
internal enum BreakerCounter
{
    /// <summary>Calls that the breaker allowed.</summary>
    Requests,

    /// <summary>Calls that succeeded.</summary>
    TotalSuccesses,

    /// <summary>Calls that failed.</summary>
    TotalFailures,

    /// <summary>Successes since the last failure.</summary>
    ConsecutiveSuccesses,

    /// <summary>Failures since the last success.</summary>
    ConsecutiveFailures,
}
