namespace MLEvents.Local.Sidecar.Resiliency;

/// <summary>A failure that a retry cannot change. Retry policies do not apply to it.</summary>
public sealed class PermanentFailureException : Exception
{
    /// <summary>Creates the exception without a reason.</summary>
    public PermanentFailureException()
    {
    }

    /// <summary>Creates the exception with a reason.</summary>
    public PermanentFailureException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception with a reason and its cause.</summary>
    public PermanentFailureException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
