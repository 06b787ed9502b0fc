using MLEvents.Local.Sidecar;
using MLEvents.Local.Sidecar.Configuration;

namespace MLEvents.Conformance.Runtimes;

/// <summary>The embedded sidecar, in the process of the tests.</summary>
public sealed class EmbeddedSidecar : IRuntime
{
    /// <inheritdoc/>
    public async Task<RunningDapr> StartAsync(Setup setup)
    {
        ArgumentNullException.ThrowIfNull(setup);
        var resources = Directory.CreateDirectory(Path.Combine(setup.Folder, Guid.NewGuid().ToString("N"))).FullName;
        if (setup.Resiliency.Length > 0)
        {
            await File.WriteAllTextAsync(Path.Combine(resources, "resiliency.yaml"), setup.Resiliency, TestContext.Current.CancellationToken);
        }

        await File.WriteAllTextAsync(
            Path.Combine(resources, "resources.yaml"),
            Yaml.Component("pubsub", "pubsub.embedded", ["path: broker.db", .. setup.PubSub]) + Yaml.Component("statestore", "state.sqlite", "connectionString: state.db") + setup.Resources,
            TestContext.Current.CancellationToken);
        var options = new SidecarOptions
        {
            AppId = setup.AppId,
            AppPort = setup.AppPort,
            AppMaxConcurrency = setup.AppMaxConcurrency,
            HttpPort = 0,
            GrpcPort = 0,
            DataDirectory = setup.Folder,
            ApiToken = setup.ApiToken,
            AppApiToken = setup.AppToken,
            ResourcesPaths = { resources },
        };
        var host = await SidecarHost.StartAsync(options, TestContext.Current.CancellationToken);
        return await new RunningDapr(host.HttpAddress, host.GrpcAddress, setup.ApiToken, _ => host.StopAsync(), host.DisposeAsync).ReadyAsync();
    }
}
