using MLEvents.Local.Sidecar;
using MLEvents.Local.Sidecar.Configuration;
using MLEvents.Tests.Common;

namespace MLEvents.Benchmarks;

/// <summary>Builds a service and does not start it.</summary>
internal delegate WebApplication CreateService(string[] args, Action<WebApplicationBuilder>? configure);

/// <summary>Services in this process, each with its own port and, if it needs a sidecar, its own embedded sidecar. They communicate over HTTP and share one broker file.</summary>
internal sealed class BenchmarkEnvironment : IAsyncDisposable
{
    private static readonly string[] Development = ["--environment", "Development"];
    private readonly Stack<Func<Task>> _stop = new();

    public BenchmarkEnvironment() => Folder.Write("components/components.yaml", """
        apiVersion: dapr.io/v1alpha1
        kind: Component
        metadata: { name: pubsub }
        spec: { type: pubsub.embedded, version: v1, metadata: [{ name: path, value: broker.db }] }
        ---
        apiVersion: dapr.io/v1alpha1
        kind: Component
        metadata: { name: statestore }
        spec: { type: state.sqlite, version: v1, metadata: [{ name: connectionString, value: state.db }] }
        """);

    public TempFolder Folder { get; } = new();

    /// <summary>Starts a service without a sidecar.</summary>
    /// <returns>A client of the service; the environment disposes of it.</returns>
    public async Task<HttpClient> StartAsync(CreateService create, IEnumerable<KeyValuePair<string, string?>> settings, CancellationToken cancellationToken)
    {
        var app = create(Development, builder =>
        {
            builder.WebHost.UseUrls("http://127.0.0.1:0");
            builder.Configuration.AddInMemoryCollection(settings);
            builder.Logging.ClearProviders();
        });
        await app.StartAsync(cancellationToken);
        var client = new HttpClient { BaseAddress = new Uri(app.Urls.Single()) };
        _stop.Push(async () =>
        {
            client.Dispose();
            await app.StopAsync();
            await app.DisposeAsync();
        });
        return client;
    }

    /// <summary>Starts a service and its sidecar, and waits until the sidecar is healthy.</summary>
    public async Task<HttpClient> StartAsync(string appId, CreateService create, IEnumerable<KeyValuePair<string, string?>> settings, CancellationToken cancellationToken)
    {
        var options = new SidecarOptions
        {
            AppId = appId,
            HttpPort = FreePort.Next(),
            GrpcPort = FreePort.Next(),
            DataDirectory = Folder.Path,
            ResourcesPaths = { System.IO.Path.Combine(Folder.Path, "components") },
        };
        var client = await StartAsync(
            create,
            [.. settings, new("DAPR_HTTP_ENDPOINT", $"http://127.0.0.1:{options.HttpPort}"), new("DAPR_GRPC_ENDPOINT", $"http://127.0.0.1:{options.GrpcPort}")],
            cancellationToken);
        options.AppPort = client.BaseAddress?.Port;
        var sidecar = await SidecarHost.StartAsync(options, cancellationToken);
        _stop.Push(() => sidecar.DisposeAsync().AsTask());
        await Poll.UntilAsync(stop => IsHealthyAsync(client, sidecar.HttpAddress, stop), isHealthy => isHealthy, cancellationToken);
        return client;
    }

    public async ValueTask DisposeAsync()
    {
        while (_stop.TryPop(out var stop))
        {
            await stop();
        }

        Folder.Dispose();
    }

    private static async Task<bool> IsHealthyAsync(HttpClient client, Uri sidecar, CancellationToken cancellationToken)
    {
        using var answer = await client.GetAsync(new Uri(sidecar, "/v1.0/healthz"), cancellationToken);
        return answer.IsSuccessStatusCode;
    }
}
