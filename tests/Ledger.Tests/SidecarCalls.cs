using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Net;

using Dapr.Client;

using Google.Protobuf;

using Grpc.Net.Client;

namespace MLEvents.Ledger.Tests;

/// <summary>The gRPC calls of a client to its sidecar: counts them, and lets a test change, fail or delay each.</summary>
internal sealed class SidecarCalls() : DelegatingHandler(new SocketsHttpHandler())
{
    private readonly ConcurrentQueue<string> _methods = [];

    /// <summary>Decides about a call. By default each call is forwarded.</summary>
    public Func<SidecarCall, Task<HttpResponseMessage>> OnCall { get; set; } = call => call.ForwardAsync();

    /// <summary>The methods called, in their order, for instance <c>SaveState</c>.</summary>
    public IReadOnlyList<string> Methods => [.. _methods];

    /// <summary>A client of a sidecar whose calls go through this handler.</summary>
    public DaprClient CreateClient(string grpcEndpoint) =>
        new DaprClientBuilder().UseGrpcEndpoint(grpcEndpoint).UseGrpcChannelOptions(new GrpcChannelOptions { HttpHandler = this, ThrowOperationCanceledOnCancellation = true }).Build();

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var method = request.RequestUri?.Segments[^1] ?? "";
        _methods.Enqueue(method);
        var body = request.Content is null ? [] : await request.Content.ReadAsByteArrayAsync(cancellationToken);
        return await OnCall(new SidecarCall(method, body, request, (message, token) => base.SendAsync(message, token), cancellationToken));
    }
}

/// <summary>One call.</summary>
internal sealed class SidecarCall(
    string method, byte[] body, HttpRequestMessage request, Func<HttpRequestMessage, CancellationToken, Task<HttpResponseMessage>> send, CancellationToken cancellationToken)
{
    private const int PrefixLength = 5;

    public string Method => method;

    /// <summary>The request's message.</summary>
    public T Read<T>(MessageParser<T> parser)
        where T : IMessage<T> => parser.ParseFrom(body.AsSpan(PrefixLength));

    /// <summary>Sends the call to the sidecar.</summary>
    public Task<HttpResponseMessage> ForwardAsync() => ForwardAsync(body);

    /// <summary>Sends another message in place of the call's.</summary>
    public Task<HttpResponseMessage> ForwardAsync(IMessage message)
    {
        var framed = new byte[PrefixLength + message.CalculateSize()];
        BinaryPrimitives.WriteInt32BigEndian(framed.AsSpan(1), framed.Length - PrefixLength);
        message.WriteTo(framed.AsSpan(PrefixLength));
        return ForwardAsync(framed);
    }

    /// <summary>Answers with a gRPC status.</summary>
    public static HttpResponseMessage Fail(Grpc.Core.StatusCode status)
    {
        var response = new HttpResponseMessage(HttpStatusCode.OK) { Version = HttpVersion.Version20, Content = new ByteArrayContent([]) };
        response.Content.Headers.TryAddWithoutValidation("Content-Type", "application/grpc");
        response.Headers.TryAddWithoutValidation("grpc-status", $"{(int)status}");
        return response;
    }

    private Task<HttpResponseMessage> ForwardAsync(byte[] message)
    {
        // The same request, because the channel finds its connection by the request's options.
        request.Content = new ByteArrayContent(message);
        request.Content.Headers.TryAddWithoutValidation("Content-Type", "application/grpc");
        return send(request, cancellationToken);
    }
}
