using System.Net.Http.Headers;
using System.Text;

using Microsoft.AspNetCore.Builder;

namespace MLEvents.Tests.Common.Fuzzing;

/// <summary>Starts services for fuzz tests, and sends them mutated requests.</summary>
public static class FuzzedService
{
    /// <summary>The media types of the requests.</summary>
    public static IReadOnlyList<string> MediaTypes { get; } = ["application/json", "application/cloudevents+json", "application/cloudevents-batch+json", "text/plain"];

    /// <summary>The expected status codes of the answer to an operator's request. Without a sidecar, the answer is 503 if the request passes all checks.</summary>
    public static IReadOnlyList<int> OperationAnswers { get; } = [400, 404, 405, 414, 415, 503];

    /// <summary>The settings of a service without a sidecar.</summary>
    public static IReadOnlyList<KeyValuePair<string, string?>> Settings { get; } =
    [
        new("DAPR_HTTP_ENDPOINT", "http://127.0.0.1:1"), new("DAPR_GRPC_ENDPOINT", "http://127.0.0.1:1"), new("Logging:LogLevel:Default", "Error"),
    ];

    /// <summary>Starts a service with rules and the operator token of <see cref="OperatorApi"/>, without a sidecar.</summary>
    /// <param name="create">Creates the service.</param>
    /// <param name="rules">The folder of the rules.</param>
    /// <param name="cancellationToken">Cancels the start.</param>
    public static Task<RunningService> StartAsync(Func<Action<WebApplicationBuilder>, WebApplication> create, TempFolder rules, CancellationToken cancellationToken) =>
        RunningService.StartAsync(create, [.. Settings, new("Rules:Directory", rules.Path), new("Operations:Token", OperatorApi.Token)], cancellationToken);

    /// <summary>Mutates the addresses and the bodies of operators' requests, and sends them.</summary>
    /// <param name="service">The service.</param>
    /// <param name="operations">Valid addresses of operations.</param>
    /// <param name="cancellationToken">Cancels the run.</param>
    /// <exception cref="InvalidOperationException">An answer is not one of the <see cref="OperationAnswers"/>.</exception>
    public static async Task SendOperationsAsync(this RunningService service, IReadOnlyList<string> operations, CancellationToken cancellationToken)
    {
        var number = 0;
        await FuzzRun.RunAsync([.. operations.Append("""{"comment":"the metrics are good"}""").Select(Encoding.UTF8.GetBytes)], SendAsync, cancellationToken);

        async Task SendAsync(byte[] bytes)
        {
            // Every second input is the path of a request, and the others are the body of a request. Each operation gets bodies of each media type.
            var (pair, isPath) = (number / 2, number++ % 2 == 0);
            if (FindAddress(isPath ? bytes : Encoding.UTF8.GetBytes(operations[pair % operations.Count])) is not { } address)
            {
                return;
            }

            using var content = new ByteArrayContent(isPath ? [] : bytes);
            content.Headers.ContentType = new MediaTypeHeaderValue(MediaTypes[pair / operations.Count % MediaTypes.Count]);
            using var request = new HttpRequestMessage(HttpMethod.Post, address) { Content = content };
            request.Headers.TryAddWithoutValidation("x-api-key", OperatorApi.Token);
            using var response = await service.Client.SendAsync(request, cancellationToken);
            if (!OperationAnswers.Contains((int)response.StatusCode))
            {
                throw new InvalidOperationException($"The answer to POST {address} was {(int)response.StatusCode}; expected one of: {string.Join(", ", OperationAnswers)}");
            }
        }
    }

    /// <summary>Returns the relative address for a mutated path, or null if a client cannot send this address.</summary>
    public static Uri? FindAddress(byte[] bytes)
    {
        var path = "/" + Uri.EscapeDataString(Encoding.UTF8.GetString(bytes).TrimStart('/')).Replace("%2F", "/", StringComparison.Ordinal).Replace("%3F", "?", StringComparison.Ordinal).Replace("%3D", "=", StringComparison.Ordinal).Replace("%26", "&", StringComparison.Ordinal);
        return Uri.TryCreate(path, UriKind.Relative, out var address) && !path.StartsWith("//", StringComparison.Ordinal) && path.Length <= 4096 ? address : null;
    }
}
