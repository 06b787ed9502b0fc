using System.Text;
using System.Text.Json;

using Dapr.Client.Autogen.Grpc.v1;

using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;

using Grpc.Core;
using Grpc.Net.Client;

using DaprProto = Dapr.Client.Autogen.Grpc.v1.Dapr;

namespace MLEvents.Local.Sidecar.Tests.Recordings;

/// <summary>Replays a recorded request, and returns its answer and the recorded answer in the same form.</summary>
internal static class RecordedCall
{
    private static readonly string[] Ignored = ["Date", "Content-Length", "Transfer-Encoding", "Connection"];
    private static readonly JsonParser Proto = new(JsonParser.Settings.Default.WithIgnoreUnknownFields(true));

    /// <summary>The recorded answer.</summary>
    public static string Expected(JsonElement recorded) => recorded.TryGetProperty("code", out var code)
        ? code.GetString() == "OK" ? "OK" : $"{code.GetString()} {recorded.GetProperty("message").GetString()}"
        : Answer(
            recorded.GetProperty("status").GetInt32(),
            recorded.GetProperty("headers").EnumerateArray().Select(header => (header[0].GetString() ?? "", header[1].GetString() ?? "")),
            recorded.GetProperty("body").GetString() ?? "");

    /// <summary>Sends the request and returns the answer.</summary>
    public static Task<string> ReplayAsync(JsonElement recorded, HttpClient http, GrpcChannel grpc) =>
        recorded.TryGetProperty("method", out var method) ? CallAsync(method.GetString(), recorded, grpc) : SendAsync(recorded.GetProperty("request"), http);

    /// <summary>Body of a recorded request: text, an object with base64, or a placeholder for a large body.</summary>
    public static byte[]? Body(JsonElement request)
    {
        var body = request.GetProperty("body");
        return body.ValueKind switch
        {
            JsonValueKind.Object => body.GetProperty("base64").GetBytesFromBase64(),
            JsonValueKind.String when body.GetString() == "5 MiB" => new byte[5 << 20],
            JsonValueKind.String => Encoding.UTF8.GetBytes(body.GetString() ?? ""),
            _ => null,
        };
    }

    private static async Task<string> SendAsync(JsonElement recorded, HttpClient http)
    {
        var line = (recorded.GetProperty("line").GetString() ?? "").Split(' ');
        using var request = new HttpRequestMessage(new HttpMethod(line[0]), new Uri(line[1], UriKind.Relative));
        if (Body(recorded) is { } body)
        {
            request.Content = new ByteArrayContent(body);
        }

        foreach (var header in recorded.GetProperty("headers").EnumerateObject())
        {
            if (!request.Headers.TryAddWithoutValidation(header.Name, header.Value.GetString()))
            {
                request.Content?.Headers.TryAddWithoutValidation(header.Name, header.Value.GetString());
            }
        }

        using var response = await http.SendAsync(request, TestContext.Current.CancellationToken);
        var headers = response.Headers.Concat(response.Content.Headers).Select(header => (header.Key, string.Join(',', header.Value)));
        return Answer((int)response.StatusCode, headers, await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    private static async Task<string> CallAsync(string? method, JsonElement recorded, GrpcChannel channel)
    {
        var json = recorded.GetProperty("request").GetRawText();
        var headers = new Metadata();
        foreach (var entry in recorded.GetProperty("requestMetadata").EnumerateObject())
        {
            headers.Add(entry.Name, entry.Value[0].GetString() ?? "");
        }

        try
        {
            await (method == "PublishEvent"
                ? InvokeAsync<PublishEventRequest, Empty>(method, json, headers, channel)
                : InvokeAsync<BulkPublishRequest, BulkPublishResponse>(method ?? "", json, headers, channel));
            return "OK";
        }
        catch (RpcException exception)
        {
            return $"{exception.StatusCode} {exception.Status.Detail}";
        }
    }

    private static async Task InvokeAsync<TRequest, TResponse>(string name, string json, Metadata headers, GrpcChannel channel)
        where TRequest : class, IMessage<TRequest>, new()
        where TResponse : class, IMessage<TResponse>, new()
    {
        var method = new Method<TRequest, TResponse>(MethodType.Unary, DaprProto.Descriptor.FullName, name, CreateMarshaller<TRequest>(), CreateMarshaller<TResponse>());
        var options = new CallOptions(headers, cancellationToken: TestContext.Current.CancellationToken);
        await channel.CreateCallInvoker().AsyncUnaryCall(method, null, options, Proto.Parse<TRequest>(json));
    }

    private static Marshaller<T> CreateMarshaller<T>()
        where T : class, IMessage<T>, new() => Marshallers.Create(message => message.ToByteArray(), new MessageParser<T>(() => new T()).ParseFrom);

    private static string Answer(int status, IEnumerable<(string Name, string Value)> headers, string body)
    {
        var lines = headers.Where(header => !Ignored.Contains(header.Name, StringComparer.OrdinalIgnoreCase)).Select(Header).Order(StringComparer.Ordinal);
        return Recording.Normalize($"{status}\n{string.Join('\n', lines)}\n\n{body}");
    }

    private static string Header((string Name, string Value) header) => $"{header.Name.ToUpperInvariant()}: {header.Value}";
}
