namespace MLEvents.Local.Sidecar.Components;

/// <summary>A resource file or the command line says something the sidecar cannot run with; the message says where and what to do.</summary>
public sealed class ResourceException : Exception
{
    /// <summary>An error without words.</summary>
    public ResourceException()
    {
    }

    /// <summary>An error without a place.</summary>
    public ResourceException(string message)
        : base(message)
    {
    }

    /// <summary>An error caused by another.</summary>
    public ResourceException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    /// <summary>An error at a place in a file.</summary>
    public ResourceException(SourceLocation source, string message)
        : base($"{source}: {message}")
    {
    }
}
