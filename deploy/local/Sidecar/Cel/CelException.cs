namespace MLEvents.Local.Sidecar.Cel;

/// <summary>An expression that cannot be read, or cannot be evaluated for this message.</summary>
public sealed class CelException : Exception
{
    /// <summary>An error without words.</summary>
    public CelException()
    {
    }

    /// <summary>An error in words.</summary>
    public CelException(string message)
        : base(message)
    {
    }

    /// <summary>An error with its cause.</summary>
    public CelException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
