using Google.Protobuf;
using Google.Protobuf.Reflection;
using Google.Rpc;

using Grpc.Core;
using Grpc.Net.Client;

namespace MLEvents.Local.Sidecar.Tests.Infrastructure;

/// <summary>Calls any unary method of Dapr's proto by its descriptor.</summary>
internal static class GrpcCalls
{
    public static async Task<IMessage> CallAsync(this GrpcChannel channel, MethodDescriptor descriptor, IMessage request, CancellationToken token)
    {
        var method = new Method<IMessage, IMessage>(
            MethodType.Unary, descriptor.Service.FullName, descriptor.Name, CreateMarshaller(descriptor.InputType), CreateMarshaller(descriptor.OutputType));
        using var call = channel.CreateCallInvoker().AsyncUnaryCall(method, null, new CallOptions(cancellationToken: token), request);
        return await call.ResponseAsync;
    }

    /// <summary>Returns the comma-separated reasons in the details of an error. The result is empty if the error has no reason.</summary>
    public static string Reasons(this RpcException refusal)
    {
        var details = refusal.Trailers.GetValueBytes("grpc-status-details-bin") is { } bytes ? Google.Rpc.Status.Parser.ParseFrom(bytes).Details : [];
        return string.Join(',', details.Where(detail => detail.Is(ErrorInfo.Descriptor)).Select(detail => detail.Unpack<ErrorInfo>().Reason));
    }

    private static Marshaller<IMessage> CreateMarshaller(MessageDescriptor type) =>
        Marshallers.Create(message => message.ToByteArray(), bytes => type.Parser.ParseFrom(bytes));
}
