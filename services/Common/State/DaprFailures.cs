using System.Net.Sockets;
using System.Text.Json;

using Dapr;

using Grpc.Core;

namespace MLEvents.State;

/// <summary>Classifies failures of calls to the Dapr sidecar.</summary>
public static class DaprFailures
{
    /// <summary>Whether a failure affects every message alike, such as an unavailable sidecar, state store or broker, so that a later attempt can succeed.</summary>
    /// <remarks>A stored value that cannot be read, and a message that is larger than the sidecar accepts, affect one message only, and every attempt would fail.</remarks>
    public static bool IsTransient(Exception exception) => exception switch
    {
        DaprException { InnerException: JsonException or RpcException { StatusCode: StatusCode.ResourceExhausted } } => false,
        RpcException failure => failure.StatusCode != StatusCode.ResourceExhausted,
        AggregateException failures => failures.InnerExceptions.Any(IsTransient),
        _ => exception is DaprException or HttpRequestException or IOException or SocketException or TimeoutException,
    };

    /// <summary>Whether the sidecar has no state store with the name in the call: its component file is missing, or the app is not in its scopes.</summary>
    public static bool IsStoreMissing(Exception exception) => exception is DaprException
    {
        InnerException: RpcException { StatusCode: StatusCode.InvalidArgument or StatusCode.FailedPrecondition, Status.Detail: var detail },
    } && detail.StartsWith("state store", StringComparison.OrdinalIgnoreCase) && (detail.EndsWith("is not found", StringComparison.Ordinal) || detail.EndsWith("not configured", StringComparison.Ordinal));
}
