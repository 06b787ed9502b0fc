using Grpc.Core;

namespace MLEvents.Local.Sidecar.Errors;

/// <summary>One error of the HTTP and gRPC APIs. <see cref="DaprErrors"/> contains all errors.</summary>
/// <param name="Code"><c>errorCode</c> of the HTTP body.</param>
/// <param name="HttpStatus">HTTP status.</param>
/// <param name="GrpcStatus">gRPC status.</param>
/// <param name="Message">Text of the HTTP body and of the gRPC status.</param>
public sealed record DaprError(string Code, int HttpStatus, StatusCode GrpcStatus, string Message)
{
    /// <summary>Reason of the ErrorInfo detail; null if daprd's answer has no details.</summary>
    public string? Reason { get; init; }

    /// <summary>Type and name of the ResourceInfo detail; null for none.</summary>
    public (string Type, string Name)? Resource { get; init; }

    /// <summary>Metadata of the ErrorInfo detail; null if daprd writes null instead of an empty object.</summary>
    public IReadOnlyDictionary<string, string>? Info { get; init; } = new Dictionary<string, string>();

    /// <summary>Reason of the ErrorInfo detail that only gRPC callers get; null if gRPC callers get <see cref="Reason"/>, like HTTP callers.</summary>
    public string? GrpcReason { get; init; }

    /// <summary>Field of the BadRequest detail, whose description is the message; null for none.</summary>
    public string? Field { get; init; }

    /// <summary>Description of the ResourceInfo detail; null if it is the message.</summary>
    public string? Description { get; init; }

    /// <summary>Whether a retry cannot succeed, for example after an ETag mismatch or a refused argument. Retry policies do not apply to such an error.</summary>
    public bool IsPermanent { get; init; }

    /// <summary>Returns an exception with this error.</summary>
    public DaprException AsException(Exception? cause = null) => new(this, cause);
}
