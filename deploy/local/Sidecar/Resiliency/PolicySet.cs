namespace MLEvents.Local.Sidecar.Resiliency;

/// <summary>The policies of one target.</summary>
/// <param name="Timeout">The limit of one attempt; null for no limit.</param>
/// <param name="Retry">The retry policy; null for no retries.</param>
/// <param name="Breaker">The circuit breaker; null for no circuit breaker.</param>
internal sealed record PolicySet(TimeSpan? Timeout, RetryPolicy? Retry, CircuitBreaker? Breaker)
{
    /// <summary>No policies at all.</summary>
    public static PolicySet None { get; } = new(null, null, null);
}
