using System.Net;
using System.Net.Sockets;

using MLEvents.Local.Sidecar.Components;
using MLEvents.Local.Sidecar.Configuration;

namespace MLEvents.Local.Sidecar.Tests.Loading;

/// <summary>
/// A start that fails or is cancelled closes the components that it has opened. The tests check this with the write-ahead log of the broker, because SQLite deletes the
/// log when the last connection is closed.
/// </summary>
public sealed class ComponentLoaderTests : IDisposable
{
    private readonly TempFolder _folder = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string Broker => Path.Combine(_folder.Path, "broker.db");

    private string WriteAheadLog => $"{Broker}-wal";

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_start_that_is_cancelled_while_a_component_connects_closes_the_components_that_are_open()
    {
        // A server that accepts connections and does not answer.
        using var redis = new TcpListener(IPAddress.Loopback, 0);
        redis.Start();
        using var stop = new CancellationTokenSource();
        var starting = StartAsync(Yaml.Brokers() + Yaml.Component("store", "state.redis", $"redisHost: {redis.LocalEndpoint}", "dialTimeout: 60s"), stop.Token);
        using var connection = await redis.AcceptTcpClientAsync(Token).AsTask().WaitAsync(TimeSpan.FromSeconds(60), TimeProvider.System, Token);
        var wasOpen = File.Exists(WriteAheadLog);

        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => starting);
        Assert.Equal((true, false), (wasOpen, File.Exists(WriteAheadLog)));
    }

    [Fact]
    public async Task An_open_component_is_closed_when_an_unknown_setting_is_found()
    {
        var resources = Yaml.Component("rps", "pubsub.embedded", "path: broker.db", "unknown: 1");

        await Assert.ThrowsAsync<ResourceException>(() => StartAsync(resources, Token));

        Assert.Equal((true, false), (File.Exists(Broker), File.Exists(WriteAheadLog)));
    }

    [Fact]
    public async Task The_error_names_a_component_whose_folder_cannot_be_created()
    {
        _folder.Write("taken", "");

        var exception = await Assert.ThrowsAsync<ResourceException>(() => StartAsync(Yaml.Component("rps", "pubsub.embedded", "path: taken/broker.db"), Token));

        Assert.Contains("component 'rps' (pubsub.embedded) cannot start: ", exception.Message, StringComparison.Ordinal);
    }

    private Task<SidecarHost> StartAsync(string resources, CancellationToken cancellationToken)
    {
        var options = new SidecarOptions { AppId = "rec-app", HttpPort = 0, GrpcPort = 0, DataDirectory = _folder.Path };
        options.ResourcesPaths.Add(_folder.Write("resources.yaml", resources));
        return SidecarHost.StartAsync(options, cancellationToken);
    }
}
