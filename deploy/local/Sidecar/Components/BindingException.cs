namespace MLEvents.Local.Sidecar.Components;

/// <summary>An operation of an output binding that failed.</summary>
public sealed class BindingException : Exception
{
    /// <summary>A failure without words.</summary>
    public BindingException()
    {
    }

    /// <summary>A failure in words.</summary>
    public BindingException(string message)
        : base(message)
    {
    }

    /// <summary>A failure and its cause.</summary>
    public BindingException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    /// <summary>Metadata that the caller gets although the operation failed, for example the status that a web server answered.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; init; } = new Dictionary<string, string>();
}
