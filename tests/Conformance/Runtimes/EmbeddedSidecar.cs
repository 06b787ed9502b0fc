using MLEvents.Local.Sidecar;
using MLEvents.Local.Sidecar.Configuration;

namespace MLEvents.Conformance.Runtimes;

/// <summary>The embedded sidecar.</summary>
public sealed class EmbeddedSidecar : IRuntime
{
    /// <inheritdoc/>
    public async Task<RunningDapr> StartAsync(Setup setup)
    {
        ArgumentNullException.ThrowIfNull(setup);
        var resources = Path.Combine(setup.Folder, $"{Guid.NewGuid():N}.yaml");
        await File.WriteAllTextAsync(
            resources,
            Yaml.Component("pubsub", "pubsub.embedded", ["path: broker.db", .. setup.PubSub]) + Yaml.Component("statestore", "state.sqlite", "connectionString: state.db") + setup.Resources,
            TestContext.Current.CancellationToken);
        var options = new SidecarOptions
        {
            AppId = setup.AppId,
            AppPort = setup.AppPort,
            HttpPort = 0,
            GrpcPort = 0,
            DataDirectory = setup.Folder,
            ApiToken = setup.ApiToken,
            AppApiToken = setup.AppToken,
            ResourcesPaths = { resources },
        };
        var host = await SidecarHost.StartAsync(options, TestContext.Current.CancellationToken);
        return await new RunningDapr(host.HttpAddress, setup.ApiToken, host.DisposeAsync).ReadyAsync();
    }
}
