using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Net;

using Dapr.Client;

using Google.Protobuf;

using Grpc.Net.Client;

namespace MLEvents.Tests.Services;

/// <summary>Records the method of each gRPC call that a client makes to its sidecar. A test can change, fail or delay each call.</summary>
public sealed class SidecarCalls() : DelegatingHandler(new SocketsHttpHandler())
{
    private const string TokenHeader = "dapr-api-token";
    private readonly ConcurrentQueue<string> _methods = [];
    private string? _apiToken;

    /// <summary>Handles a call. By default each call is forwarded.</summary>
    public Func<SidecarCall, Task<HttpResponseMessage>> OnCall { get; set; } = call => call.ForwardAsync();

    /// <summary>The methods called, in their order, for instance <c>SaveState</c>.</summary>
    public IReadOnlyList<string> Methods => [.. _methods];

    /// <summary>Creates a client of a sidecar. The gRPC calls of the client go through this handler.</summary>
    /// <param name="grpcEndpoint">The address of the gRPC API.</param>
    /// <param name="httpEndpoint">The address of the HTTP API, whose calls do not go through this handler; null if there is none.</param>
    /// <param name="apiToken">The token of the APIs; null if they need none.</param>
    public DaprClient CreateClient(string grpcEndpoint, string? httpEndpoint = null, string? apiToken = null)
    {
        _apiToken = apiToken;
        return new DaprClientBuilder()
            .UseHttpEndpoint(httpEndpoint ?? "http://127.0.0.1:1")
            .UseGrpcEndpoint(grpcEndpoint)
            .UseDaprApiToken(apiToken ?? "")
            .UseGrpcChannelOptions(new GrpcChannelOptions { HttpHandler = this, ThrowOperationCanceledOnCancellation = true })
            .Build();
    }

    /// <inheritdoc/>
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var method = request.RequestUri?.Segments[^1] ?? "";
        _methods.Enqueue(method);
        if (_apiToken is not null && !request.Headers.Contains(TokenHeader))
        {
            request.Headers.TryAddWithoutValidation(TokenHeader, _apiToken);
        }

        var body = request.Content is null ? [] : await request.Content.ReadAsByteArrayAsync(cancellationToken);
        return await OnCall(new SidecarCall(method, body, request, (message, token) => base.SendAsync(message, token), cancellationToken));
    }
}

/// <summary>One call.</summary>
public sealed class SidecarCall
{
    private const int PrefixLength = 5;
    private readonly byte[] _body;
    private readonly HttpRequestMessage _request;
    private readonly Func<HttpRequestMessage, CancellationToken, Task<HttpResponseMessage>> _send;

    internal SidecarCall(
        string method, byte[] body, HttpRequestMessage request, Func<HttpRequestMessage, CancellationToken, Task<HttpResponseMessage>> send, CancellationToken cancellationToken)
    {
        (Method, _body, _request, _send, Cancelled) = (method, body, request, send, cancellationToken);
    }

    /// <summary>The method, for instance <c>SaveState</c>.</summary>
    public string Method { get; }

    /// <summary>Cancelled when the caller stops waiting.</summary>
    public CancellationToken Cancelled { get; }

    /// <summary>The request's message.</summary>
    public T Read<T>(MessageParser<T> parser)
        where T : IMessage<T> => parser.ParseFrom(_body.AsSpan(PrefixLength));

    /// <summary>Sends the call to the sidecar.</summary>
    public Task<HttpResponseMessage> ForwardAsync() => ForwardAsync(_body);

    /// <summary>Sends another message to the sidecar, in place of the message of the call.</summary>
    public Task<HttpResponseMessage> ForwardAsync(IMessage message) => ForwardAsync(Frame(message));

    /// <summary>Answers with a message.</summary>
    public static HttpResponseMessage Answer(IMessage message)
    {
        var response = Respond(Frame(message));
        response.TrailingHeaders.TryAddWithoutValidation("grpc-status", "0");
        return response;
    }

    /// <summary>Answers with a gRPC status.</summary>
    public static HttpResponseMessage Fail(Grpc.Core.StatusCode status)
    {
        var response = Respond([]);
        response.Headers.TryAddWithoutValidation("grpc-status", $"{(int)status}");
        return response;
    }

    private static HttpResponseMessage Respond(byte[] body)
    {
        var response = new HttpResponseMessage(HttpStatusCode.OK) { Version = HttpVersion.Version20, Content = new ByteArrayContent(body) };
        response.Content.Headers.TryAddWithoutValidation("Content-Type", "application/grpc");
        return response;
    }

    private static byte[] Frame(IMessage message)
    {
        var framed = new byte[PrefixLength + message.CalculateSize()];
        BinaryPrimitives.WriteInt32BigEndian(framed.AsSpan(1), framed.Length - PrefixLength);
        message.WriteTo(framed.AsSpan(PrefixLength));
        return framed;
    }

    private Task<HttpResponseMessage> ForwardAsync(byte[] message)
    {
        // The call sends the same request object, because the channel finds its connection by the options of this object.
        _request.Content = new ByteArrayContent(message);
        _request.Content.Headers.TryAddWithoutValidation("Content-Type", "application/grpc");
        return _send(_request, Cancelled);
    }
}
