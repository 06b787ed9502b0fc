namespace MLEvents.Local.Sidecar.Resiliency;

/// <summary>The circuit breaker lets nothing through for now.</summary>
public sealed class BreakerOpenException : Exception
{
    /// <summary>The usual words.</summary>
    public BreakerOpenException()
        : base("circuit breaker is open")
    {
    }

    /// <summary>Other words.</summary>
    public BreakerOpenException(string message)
        : base(message)
    {
    }

    /// <summary>Other words and a cause.</summary>
    public BreakerOpenException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
