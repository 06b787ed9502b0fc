using Grpc.Core;

namespace MLEvents.Local.Sidecar.Errors;

/// <summary>One refusal, as HTTP and gRPC callers see it. All of them are rows of <see cref="DaprErrors"/>.</summary>
/// <param name="Code">HTTP body's <c>errorCode</c>.</param>
/// <param name="HttpStatus">HTTP status.</param>
/// <param name="GrpcStatus">gRPC status.</param>
/// <param name="Message">Text, the same on both.</param>
public sealed record DaprError(string Code, int HttpStatus, StatusCode GrpcStatus, string Message)
{
    /// <summary>Reason of the ErrorInfo detail; null when daprd answers without details.</summary>
    public string? Reason { get; init; }

    /// <summary>Type and name of the ResourceInfo detail; null for none.</summary>
    public (string Type, string Name)? Resource { get; init; }

    /// <summary>Metadata of the ErrorInfo detail; null where daprd writes null instead of an empty object.</summary>
    public IReadOnlyDictionary<string, string>? Info { get; init; } = new Dictionary<string, string>();

    /// <summary>Reason of the ErrorInfo detail where only gRPC callers get one; null for the same as <see cref="Reason"/>.</summary>
    public string? GrpcReason { get; init; }

    /// <summary>Field of the BadRequest detail, described by the message; null for none.</summary>
    public string? Field { get; init; }

    /// <summary>Description of the ResourceInfo detail; null when it repeats the message.</summary>
    public string? Description { get; init; }

    /// <summary>Text of the gRPC status where it differs from <see cref="Message"/>; null when it does not.</summary>
    public string? GrpcMessage { get; init; }

    /// <summary>Whether no retry will heal it (an ETag that does not hold, a refused argument); retry policies leave it alone.</summary>
    public bool IsPermanent { get; init; }

    /// <summary>The exception that carries this error.</summary>
    public DaprException AsException(Exception? cause = null) => new(this, cause);
}
