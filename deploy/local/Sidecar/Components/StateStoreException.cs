namespace MLEvents.Local.Sidecar.Components;

/// <summary>A state store that could not answer: its file is locked for too long, full or damaged, its server is away.</summary>
public sealed class StateStoreException : Exception
{
    /// <summary>A failure without words.</summary>
    public StateStoreException()
    {
    }

    /// <summary>A failure in words.</summary>
    public StateStoreException(string message)
        : base(message)
    {
    }

    /// <summary>A failure and its cause.</summary>
    public StateStoreException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
