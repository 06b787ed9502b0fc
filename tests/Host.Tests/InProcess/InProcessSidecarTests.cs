using Dapr;
using Dapr.Client;

using Grpc.Core;
using Grpc.Net.Client;

using MLEvents.Local.Host.InProcess;
using MLEvents.Local.Sidecar;
using MLEvents.Local.Sidecar.Configuration;
using MLEvents.Tests.Common;

namespace MLEvents.Local.Host.Tests.InProcess;

/// <summary>Dapr's client calls a sidecar of the same process without a connection.</summary>
public sealed class InProcessSidecarTests : IDisposable
{
    private const string Store = "statestore";
    private readonly TempFolder _folder = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Calls_of_the_Dapr_client_have_the_answers_and_errors_of_the_gRPC_API()
    {
        var app = new InProcessApp();
        await using var sidecar = await SidecarHost.StartAsync(Options(app), Token);
        using var dapr = Client(app);

        await dapr.SaveStateAsync(Store, "key", "one", cancellationToken: Token);
        var (value, etag) = await dapr.GetStateAndETagAsync<string>(Store, "key", cancellationToken: Token);
        Assert.Equal("one", value);
        Assert.True(await dapr.TrySaveStateAsync(Store, "key", "two", etag, cancellationToken: Token));
        Assert.False(await dapr.TrySaveStateAsync(Store, "key", "three", etag, cancellationToken: Token));
        Assert.Equal("two", await dapr.GetStateAsync<string>(Store, "key", cancellationToken: Token));
        Assert.Null(await dapr.GetStateAsync<string>(Store, "none", cancellationToken: Token));

        var refused = await Assert.ThrowsAsync<DaprException>(() => dapr.SaveStateAsync("unknown", "key", "one", cancellationToken: Token));
        Assert.Equal(StatusCode.InvalidArgument, Assert.IsType<RpcException>(refused.InnerException).StatusCode);
    }

    [Fact]
    public async Task A_sidecar_that_has_stopped_is_unavailable()
    {
        var app = new InProcessApp();
        var sidecar = await SidecarHost.StartAsync(Options(app), Token);
        using var dapr = Client(app);
        await dapr.SaveStateAsync(Store, "key", "one", cancellationToken: Token);
        await sidecar.DisposeAsync();

        var failed = await Assert.ThrowsAsync<DaprException>(() => dapr.SaveStateAsync(Store, "key", "two", cancellationToken: Token));

        Assert.Equal(StatusCode.Unavailable, Assert.IsType<RpcException>(failed.InnerException).StatusCode);
    }

    // Nothing listens on port 1, so a call over a connection would fail.
    private static DaprClient Client(InProcessApp app) => new DaprClientBuilder()
        .UseGrpcEndpoint("http://127.0.0.1:1")
        .UseGrpcChannelOptions(new GrpcChannelOptions { HttpHandler = new InProcessHandler(app, propagatesTrace: true), DisposeHttpClient = true })
        .Build();

    private SidecarOptions Options(InProcessApp app)
    {
        File.WriteAllText(
            Path.Combine(_folder.Path, "statestore.yaml"),
            $"""
             apiVersion: dapr.io/v1alpha1
             kind: Component
             metadata:
               name: {Store}
             spec:
               type: state.in-memory
               version: v1
             """);
        return new SidecarOptions
        {
            AppId = "app",
            HttpPort = 0,
            GrpcPort = 0,
            DataDirectory = Path.Combine(_folder.Path, "data"),
            ResourcesPaths = { _folder.Path },
            ConfigureServer = builder => InProcessServer.Add(builder.Services, app),
        };
    }
}
