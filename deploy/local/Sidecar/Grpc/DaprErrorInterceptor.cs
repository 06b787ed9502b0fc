using Grpc.Core;
using Grpc.Core.Interceptors;

using MLEvents.Local.Sidecar.Api;
using MLEvents.Local.Sidecar.Configuration;
using MLEvents.Local.Sidecar.Errors;

namespace MLEvents.Local.Sidecar.Grpc;

/// <summary>Checks the API token of gRPC calls, and answers with daprd's status if a method throws a <see cref="DaprException"/>.</summary>
internal sealed class DaprErrorInterceptor(SidecarOptions options) : Interceptor
{
    public override async Task<TResponse> UnaryServerHandler<TRequest, TResponse>(
        TRequest request, ServerCallContext context, UnaryServerMethod<TRequest, TResponse> continuation)
    {
        try
        {
            RequireToken(context);
            return await continuation(request, context);
        }
        catch (DaprException exception)
        {
            throw DaprErrorWriter.ToRpcException(exception.Error);
        }
    }

    public override async Task DuplexStreamingServerHandler<TRequest, TResponse>(
        IAsyncStreamReader<TRequest> requestStream,
        IServerStreamWriter<TResponse> responseStream,
        ServerCallContext context,
        DuplexStreamingServerMethod<TRequest, TResponse> continuation)
    {
        try
        {
            RequireToken(context);
            await continuation(requestStream, responseStream, context);
        }
        catch (DaprException exception)
        {
            throw DaprErrorWriter.ToRpcException(exception.Error);
        }
    }

    private void RequireToken(ServerCallContext context)
    {
        if (options.ApiToken is not { } token)
        {
            return;
        }

        var given = context.RequestHeaders.GetValue(ApiTokenMiddleware.Header);
        if (given is null || !ApiTokenMiddleware.Matches(token, given))
        {
            throw DaprErrors.Unauthorized(given is null ? "missing api token in request metadata" : "authentication error: api token mismatch").AsException();
        }
    }
}
