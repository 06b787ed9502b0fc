namespace MLEvents.Local.Sidecar.Resiliency;

/// <summary>The policies of one target.</summary>
/// <param name="Timeout">Limit of one attempt; null for none.</param>
/// <param name="Retry">Null for none.</param>
/// <param name="Breaker">Null for none.</param>
internal sealed record PolicySet(TimeSpan? Timeout, RetryPolicy? Retry, CircuitBreaker? Breaker)
{
    /// <summary>No policies at all.</summary>
    public static PolicySet None { get; } = new(null, null, null);
}
