namespace MLEvents.Local.Sidecar.Components;

/// <summary>An operation of an output binding that failed.</summary>
public sealed class BindingException : Exception
{
    /// <summary>Creates the exception without a message.</summary>
    public BindingException()
    {
    }

    /// <summary>Creates the exception with a message.</summary>
    public BindingException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception with a message and its cause.</summary>
    public BindingException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    /// <summary>Metadata that the caller gets with the error, for example the status of a web server's answer.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; init; } = new Dictionary<string, string>();
}
