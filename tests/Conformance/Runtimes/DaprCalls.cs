using Google.Protobuf;

using Grpc.Core;
using Grpc.Net.Client;

using DaprProto = Dapr.Client.Autogen.Grpc.v1.Dapr;

namespace MLEvents.Conformance.Runtimes;

/// <summary>Calls methods of Dapr's gRPC API by name, because the package <c>Dapr.Protos</c> contains the messages but no client.</summary>
internal static class DaprCalls
{
    /// <summary>Calls a method of <c>dapr.proto.runtime.v1.Dapr</c>.</summary>
    /// <exception cref="RpcException">The runtime refused the call.</exception>
    public static async Task<TResponse> CallAsync<TRequest, TResponse>(this GrpcChannel channel, string name, TRequest request, CancellationToken cancellationToken)
        where TRequest : class, IMessage<TRequest>, new()
        where TResponse : class, IMessage<TResponse>, new()
    {
        var method = new Method<TRequest, TResponse>(MethodType.Unary, DaprProto.Descriptor.FullName, name, Marshaller<TRequest>(), Marshaller<TResponse>());
        return await channel.CreateCallInvoker().AsyncUnaryCall(method, null, new CallOptions(cancellationToken: cancellationToken), request);
    }

    private static Marshaller<T> Marshaller<T>()
        where T : class, IMessage<T>, new() => Marshallers.Create(message => message.ToByteArray(), new MessageParser<T>(() => new T()).ParseFrom);
}
