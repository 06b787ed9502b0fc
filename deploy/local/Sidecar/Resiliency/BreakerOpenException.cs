namespace MLEvents.Local.Sidecar.Resiliency;

/// <summary>The circuit breaker does not allow calls at present.</summary>
public sealed class BreakerOpenException : Exception
{
    /// <summary>Creates the exception with the default message.</summary>
    public BreakerOpenException()
        : base("circuit breaker is open")
    {
    }

    /// <summary>Creates the exception with a message.</summary>
    public BreakerOpenException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception with a message and its cause.</summary>
    public BreakerOpenException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
