using Grpc.Core;

namespace MLEvents.Local.Sidecar.Errors;

/// <summary>An answer of the sidecar that is no success.</summary>
public sealed class DaprException : Exception
{
    /// <summary>An internal error.</summary>
    public DaprException()
        : this("internal error")
    {
    }

    /// <summary>An internal error in words.</summary>
    public DaprException(string message)
        : this(message, null)
    {
    }

    /// <summary>An internal error with its cause.</summary>
    public DaprException(string message, Exception? innerException)
        : this(new DaprError("ERR_INTERNAL", StatusCodes.Status500InternalServerError, StatusCode.Internal, message), innerException)
    {
    }

    /// <summary>A row of the error table.</summary>
    public DaprException(DaprError error, Exception? innerException = null)
        : base(error.Message, innerException) => Error = error;

    /// <summary>What the caller is told.</summary>
    public DaprError Error { get; }
}
