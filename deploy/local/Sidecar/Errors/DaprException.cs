using Grpc.Core;

namespace MLEvents.Local.Sidecar.Errors;

/// <summary>An error answer of the sidecar.</summary>
public sealed class DaprException : Exception
{
    /// <summary>Creates an internal error.</summary>
    public DaprException()
        : this("internal error")
    {
    }

    /// <summary>Creates an internal error with a message.</summary>
    public DaprException(string message)
        : this(message, null)
    {
    }

    /// <summary>Creates an internal error with a message and its cause.</summary>
    public DaprException(string message, Exception? innerException)
        : this(new DaprError("ERR_INTERNAL", StatusCodes.Status500InternalServerError, StatusCode.Internal, message), innerException)
    {
    }

    /// <summary>Creates the exception with an error.</summary>
    public DaprException(DaprError error, Exception? innerException = null)
        : base(error.Message, innerException) => Error = error;

    /// <summary>The error that the caller gets.</summary>
    public DaprError Error { get; }
}
