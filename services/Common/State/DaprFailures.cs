using System.Net.Sockets;
using System.Text.Json;

using Dapr;

using Grpc.Core;

namespace MLEvents.State;

/// <summary>Classifies failures of calls to the Dapr sidecar.</summary>
public static class DaprFailures
{
    // The errors of the Azure SDK for Go contain these texts if a value is too large for Azure Cosmos DB (2 MB) or for another store over HTTP. Examples:
    // 'RESPONSE 413: 413 Request Entity Too Large', 'ERROR CODE: RequestEntityTooLarge'.
    private static readonly string[] TooLargeTexts = ["RequestEntityTooLarge", "Request Entity Too Large", "RESPONSE 413"];

    /// <summary>Whether a failure affects every message alike, for example because the sidecar, the state store or the broker is unavailable. A later attempt can then succeed.</summary>
    /// <remarks>
    /// Two failures affect one message only: a stored value cannot be read, or a value or message is larger than the sidecar, the state store or the broker accepts.
    /// Each attempt would fail in the same way, so the message would occupy a worker without end.
    /// </remarks>
    public static bool IsTransient(Exception exception) => exception switch
    {
        DaprException { InnerException: JsonException } => false,
        DaprException { InnerException: RpcException failure } => !IsTooLarge(failure),
        RpcException failure => !IsTooLarge(failure),
        AggregateException failures => failures.InnerExceptions.Any(IsTransient),
        _ => exception is DaprException or HttpRequestException or IOException or SocketException or TimeoutException,
    };

    // The sidecar has a status for its own limit. For a message over the limit of a component, it reports the status of an outage. Only the text of the component shows the cause.
    private static bool IsTooLarge(RpcException failure) =>
        failure.StatusCode == StatusCode.ResourceExhausted || TooLargeTexts.Any(text => failure.Status.Detail.Contains(text, StringComparison.OrdinalIgnoreCase));

    /// <summary>Whether the sidecar forbids the operation, for example because the scopes of the pub/sub component do not allow the app to publish to the topic.</summary>
    public static bool IsForbidden(Exception exception) => exception is DaprException { InnerException: RpcException { StatusCode: StatusCode.PermissionDenied } };

    /// <summary>Whether the sidecar has no state store of the name that the call used: its component file is missing, or the app is not in its scopes.</summary>
    public static bool IsStoreMissing(Exception exception) => exception is DaprException
    {
        InnerException: RpcException { StatusCode: StatusCode.InvalidArgument or StatusCode.FailedPrecondition, Status.Detail: var detail },
    } && detail.StartsWith("state store", StringComparison.OrdinalIgnoreCase) && (detail.EndsWith("is not found", StringComparison.Ordinal) || detail.EndsWith("not configured", StringComparison.Ordinal));
}
