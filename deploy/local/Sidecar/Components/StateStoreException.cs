namespace MLEvents.Local.Sidecar.Components;

/// <summary>A state store cannot answer: for example, its file is locked for too long or damaged, the disk is full, or its server is not available.</summary>
public sealed class StateStoreException : Exception
{
    /// <summary>Creates the exception without a message.</summary>
    public StateStoreException()
    {
    }

    /// <summary>Creates the exception with a message.</summary>
    public StateStoreException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception with a message and its cause.</summary>
    public StateStoreException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
