using Google.Protobuf;
using Google.Protobuf.Reflection;

using Grpc.AspNetCore.Server.Model;
using Grpc.Core;

using MLEvents.Local.Sidecar.Errors;

using DaprProto = Dapr.Client.Autogen.Grpc.v1.Dapr;

namespace MLEvents.Local.Sidecar.Grpc;

/// <summary>Maps the methods of Dapr's proto to methods of <see cref="DaprService"/>. The package Dapr.Protos has no base class for a server.</summary>
internal sealed class DaprMethodTable(ServiceMethodProviderContext<DaprService> context)
{
    private static readonly Marshaller<byte[]> Bytes = Marshallers.Create(bytes => bytes, bytes => bytes);
    private readonly HashSet<string> _bound = [];

    /// <summary>Adds a method by its name in the proto.</summary>
    public void Unary<TRequest, TResponse>(string name, Func<DaprService, TRequest, ServerCallContext, Task<TResponse>> handler)
        where TRequest : class, IMessage<TRequest>, new()
        where TResponse : class, IMessage<TResponse>, new()
    {
        _bound.Add(name);
        var method = new Method<TRequest, TResponse>(MethodType.Unary, DaprProto.Descriptor.FullName, name, CreateMarshaller<TRequest>(), CreateMarshaller<TResponse>());
        context.AddUnaryMethod(method, [], (service, request, call) => handler(service, request, call));
    }

    /// <summary>Adds the other methods of the proto. Each of them answers with the status <c>Unimplemented</c> and an error that names the method.</summary>
    public void RefuseOtherMethods()
    {
        foreach (var method in DaprProto.Descriptor.Methods.Where(method => !_bound.Contains(method.Name)))
        {
            Refuse(method);
        }
    }

    private static Marshaller<T> CreateMarshaller<T>()
        where T : class, IMessage<T>, new()
    {
        var parser = new MessageParser<T>(() => new T());
        return Marshallers.Create<T>(
            (message, target) =>
            {
                target.SetPayloadLength(message.CalculateSize());
                message.WriteTo(target.GetBufferWriter());
                target.Complete();
            },
            source => parser.ParseFrom(source.PayloadAsReadOnlySequence()));
    }

    private void Refuse(MethodDescriptor descriptor)
    {
        var error = DaprErrors.NotSupported($"the gRPC method {descriptor.Name}");
        var type = descriptor.IsClientStreaming || descriptor.IsServerStreaming ? MethodType.DuplexStreaming : MethodType.Unary;
        var method = new Method<byte[], byte[]>(type, DaprProto.Descriptor.FullName, descriptor.Name, Bytes, Bytes);
        if (type == MethodType.Unary)
        {
            context.AddUnaryMethod(method, [], (_, _, _) => throw error.AsException());
        }
        else
        {
            context.AddDuplexStreamingMethod(method, [], (_, _, _, _) => throw error.AsException());
        }
    }
}

/// <summary>Passes the method table to Grpc.AspNetCore.</summary>
internal sealed class DaprServiceMethodProvider : IServiceMethodProvider<DaprService>
{
    public void OnServiceMethodDiscovery(ServiceMethodProviderContext<DaprService> context)
    {
        var methods = new DaprMethodTable(context);
        DaprService.Bind(methods);
        methods.RefuseOtherMethods();
    }
}
