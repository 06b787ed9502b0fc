namespace MLEvents.Local.Sidecar.Components;

/// <summary>A resource file or the command line is wrong. The message states the place and the remedy.</summary>
public sealed class ResourceException : Exception
{
    /// <summary>Creates the exception without a message.</summary>
    public ResourceException()
    {
    }

    /// <summary>Creates the exception with a message and without a place.</summary>
    public ResourceException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception with a message and its cause.</summary>
    public ResourceException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    /// <summary>Creates the exception with a place in a file and a message.</summary>
    public ResourceException(SourceLocation source, string message)
        : base($"{source}: {message}")
    {
    }
}
