using MLEvents.Dashboard;
using MLEvents.Deployer;
using MLEvents.Ingress;
using MLEvents.Local.Sidecar;
using MLEvents.Local.Sidecar.Configuration;
using MLEvents.Local.Simulator;
using MLEvents.Local.Simulator.Client;
using MLEvents.Notifier;
using MLEvents.Retrainer;

namespace MLEvents.Local.Host;

/// <summary>Everything that runs: the simulator, and each service beside its own sidecar. They talk over the wire only.</summary>
internal sealed class LocalEnvironment(HostOptions options, Ports ports) : IAsyncDisposable
{
    /// <summary>How long a stop takes at most; what has not stopped by then ends with the process.</summary>
    public static readonly TimeSpan StopWithin = TimeSpan.FromSeconds(4);

    // Not reloaded on change: watching the folder that the host was started in would cost each part a watch on every folder beneath it.
    private static readonly string[] Development = ["--environment", "Development", "--hostBuilder:reloadConfigOnChange", "false"];
    private readonly List<Func<Task>> _stop = [];
    private readonly List<Daprd> _daprds = [];

    public SimulatorClient Simulator { get; } = new(new Uri($"http://127.0.0.1:{ports.Simulator}"));

    /// <exception cref="StartException">A part did not start.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        LocalEnvironmentSettings.SetEnvironment(ports);
        try
        {
            await StartPartsAsync(cancellationToken);
            await WorkspaceSubscription.CreateAsync(Simulator, new Uri($"http://127.0.0.1:{ports.Of(ServiceId.Ingress)}/events?code={IngressOptions.LocalKey}"), cancellationToken);
        }
        catch (Exception exception) when (exception is not (StartException or OperationCanceledException) || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            throw new StartException($"The start failed: {exception.Message.ReplaceLineEndings(" ")}", exception);
        }
    }

    /// <summary>Stops everything at the same time; what does not stop in time is abandoned with the process.</summary>
    public async ValueTask DisposeAsync()
    {
        Simulator.Dispose();
        var stopping = Task.WhenAll(_stop.Select(stop => stop()));
        await Task.WhenAny(stopping, Task.Delay(StopWithin, TimeProvider.System, CancellationToken.None));
    }

    private async Task StartPartsAsync(CancellationToken cancellationToken)
    {
        await RunAsync(SimulatorService.Create(Development, builder => Configure(builder, "simulator", ports.Simulator, LocalEnvironmentSettings.Simulator(ports))), cancellationToken);

        // The dashboard first: it misses what is published before its sidecar subscribes.
        foreach (var member in Enum.GetValues<ServiceId>().OrderByDescending(member => member == ServiceId.Dashboard))
        {
            await RunAsync(Create(member), cancellationToken);
            await RunSidecarAsync(member, cancellationToken);
        }

        // Nothing depends on the dashboard, so nothing waits until its database is ready.
        foreach (var member in Enum.GetValues<ServiceId>().Where(member => member != ServiceId.Dashboard))
        {
            await Readiness.WaitAsync(member.AppId(), ports.Of(member), cancellationToken, DeadSidecar);
        }
    }

    private string? DeadSidecar() => _daprds.Find(daprd => daprd.HasDied) is { } dead ? $"The {dead.Name} has ended; {dead.LogFile} says why." : null;

    private async Task RunSidecarAsync(ServiceId member, CancellationToken cancellationToken)
    {
        if (options.Daprd is { } program)
        {
            var daprd = new Daprd(program, member, ports, options);
            _daprds.Add(daprd);
            _stop.Add(() => daprd.DisposeAsync().AsTask());
            daprd.Start();
        }
        else
        {
            var sidecar = await SidecarHost.StartAsync(SidecarOf(member), cancellationToken);
            _stop.Add(() => sidecar.DisposeAsync().AsTask());
        }
    }

    private WebApplication Create(ServiceId member)
    {
        Action<WebApplicationBuilder> configure = builder => Configure(builder, member.AppId(), ports.Of(member), LocalEnvironmentSettings.Of(member, ports, options));
        return member switch
        {
            ServiceId.Ingress => IngressService.Create(Development, configure),
            ServiceId.Notifier => NotifierService.Create(Development, configure),
            ServiceId.Retrainer => RetrainerService.Create(Development, configure),
            ServiceId.Dashboard => DashboardService.Create(Development, configure),
            _ => DeployerService.Create(Development, configure),
        };
    }

    private void Configure(WebApplicationBuilder builder, string name, int port, IEnumerable<KeyValuePair<string, string?>> settings)
    {
        builder.WebHost.UseUrls($"http://127.0.0.1:{port}");
        builder.Configuration.AddInMemoryCollection(settings);
        builder.Services.AddSingleton<IHostLifetime, LocalEnvironmentLifetime>();
        builder.Services.Configure<Microsoft.Extensions.Hosting.HostOptions>(host => host.ShutdownTimeout = StopWithin);
        ConfigureLogging(builder.Logging, name);
    }

    private SidecarOptions SidecarOf(ServiceId member) => new()
    {
        AppId = member.AppId(),
        AppPort = ports.Of(member),
        HttpPort = ports.SidecarHttp(member),
        GrpcPort = ports.SidecarGrpc(member),
        DataDirectory = options.DataDirectory,
        GracefulShutdown = TimeSpan.FromSeconds(2),
        ResourcesPaths = { options.ComponentsDirectory },
        ConfigureLogging = logging => ConfigureLogging(logging, member.AppId() + "-sidecar"),
    };

    private void ConfigureLogging(ILoggingBuilder logging, string name)
    {
        logging.ClearProviders();
        logging.AddProvider(new FileLogging(Path.Combine(options.DataDirectory, "logs"), name, TimeProvider.System));
    }

    private async Task RunAsync(WebApplication app, CancellationToken cancellationToken)
    {
        _stop.Add(async () =>
        {
            try
            {
                await app.StopAsync();
            }
            finally
            {
                await app.DisposeAsync();
            }
        });
        await app.StartAsync(cancellationToken);
    }
}
