namespace MLEvents.Local.Sidecar.Resiliency;

/// <summary>What a circuit breaker counts since its state last changed.</summary>
internal enum BreakerCounter
{
    /// <summary>Calls that were let through.</summary>
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
