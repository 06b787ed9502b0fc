using System.Collections.Concurrent;

using Microsoft.Extensions.Configuration.Json;
using Microsoft.Extensions.FileProviders;

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

/// <summary>Runs each service with its own sidecar, and the simulator unless a real workspace is used. They communicate over HTTP, gRPC and SMTP only.</summary>
internal sealed class LocalEnvironment(HostOptions options, Ports ports) : IAsyncDisposable
{
    /// <summary>The time limit for stopping an environment with the simulator. A service that is still running after this time ends with the process.</summary>
    public static readonly TimeSpan StopWithin = TimeSpan.FromSeconds(4);

    /// <summary>The time limit for stopping an environment for a real workspace. It is above the default of <c>Ledger:Drain</c>, so that running steps end first.</summary>
    public static readonly TimeSpan StopWithinForAzure = TimeSpan.FromSeconds(25);

    /// <summary>The part of the stop limit that remains after a sidecar has waited for deliveries in flight.</summary>
    private static readonly TimeSpan StopReserve = TimeSpan.FromSeconds(2);

    // Configuration is not reloaded on change. Otherwise each service would watch every folder below the current directory.
    private static readonly string[] Development = ["--environment", "Development", "--hostBuilder:reloadConfigOnChange", "false"];
    private static readonly string[] Production = ["--environment", "Production", "--hostBuilder:reloadConfigOnChange", "false"];
    private readonly string[] _arguments = options.Azure is null ? Development : Production;
    private readonly TimeSpan _stopWithin = options.Azure is null ? StopWithin : StopWithinForAzure;
    private readonly SidecarTokens _tokens = SidecarTokens.Create();
    private readonly DashboardStart _dashboard = new();
    private readonly ConcurrentQueue<Func<Task>> _stop = [];
    private readonly ConcurrentQueue<Daprd> _daprds = [];

    public SimulatorClient Simulator { get; } = new(new Uri($"http://127.0.0.1:{ports.Simulator}"));

    /// <exception cref="StartException">A service, its sidecar or the simulator did not start.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        try
        {
            await StartServicesAsync(cancellationToken);
            if (options.Azure is null)
            {
                await WorkspaceSubscription.CreateAsync(Simulator, new Uri($"http://127.0.0.1:{ports.For(ServiceId.Ingress)}/events?code={IngressOptions.LocalKey}"), cancellationToken);
            }
        }
        catch (Exception exception) when (exception is not (StartException or OperationCanceledException) || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            throw new StartException($"The start failed: {exception.Message.ReplaceLineEndings(" ")}", exception);
        }
    }

    /// <summary>Stops all services and sidecars at the same time. Those that do not stop in time end with the process.</summary>
    public async ValueTask DisposeAsync()
    {
        Simulator.Dispose();
        var stopping = Task.WhenAll(_stop.Select(stop => stop()));
        await Task.WhenAny(stopping, Task.Delay(_stopWithin, TimeProvider.System, CancellationToken.None));
    }

    private async Task StartServicesAsync(CancellationToken cancellationToken)
    {
        if (options.Azure is null)
        {
            LocalEnvironmentSettings.SetEnvironment(ports);
        }

        // The dashboard misses events that are published before its sidecar subscribes. The sidecars of the other services therefore start after the dashboard.
        // The ingress publishes nothing without its sidecar, and the simulator delivers nothing before the Event Grid subscription exists.
        // Both can therefore start at the same time as the dashboard.
        await Task.WhenAll(
            Task.Run(() => StartSimulatorAndIngressAsync(cancellationToken), cancellationToken),
            Task.Run(() => StartWithSidecarAsync(ServiceId.Dashboard, cancellationToken), cancellationToken));
        await RunSidecarAsync(ServiceId.Ingress, cancellationToken);
        foreach (var service in Enum.GetValues<ServiceId>().Where(service => service is not (ServiceId.Dashboard or ServiceId.Ingress)))
        {
            await StartWithSidecarAsync(service, cancellationToken);
        }

        // No service depends on the dashboard, so the start does not wait for its database.
        foreach (var service in Enum.GetValues<ServiceId>().Where(service => service != ServiceId.Dashboard))
        {
            await Readiness.WaitAsync(service.AppId(), ports.For(service), cancellationToken, DeadSidecar);
        }

        // The migrations of the dashboard compile much code, which would take a second of processor time from the start of the other services.
        _dashboard.Begin();
    }

    private async Task StartSimulatorAndIngressAsync(CancellationToken cancellationToken)
    {
        if (options.Azure is null)
        {
            var address = $"http://127.0.0.1:{ports.Simulator}";
            await RunAsync(SimulatorService.Create(Development, builder => Configure(builder, "simulator", address, LocalEnvironmentSettings.Simulator(ports))), cancellationToken);
        }

        await RunAsync(Create(ServiceId.Ingress), cancellationToken);
    }

    private async Task StartWithSidecarAsync(ServiceId service, CancellationToken cancellationToken)
    {
        await RunAsync(Create(service), cancellationToken);
        await RunSidecarAsync(service, cancellationToken);
    }

    private string? DeadSidecar() => _daprds.FirstOrDefault(daprd => daprd.HasEndedUnexpectedly) is { } dead ? $"The {dead.Name} has ended; see {dead.LogFile}." : null;

    private async Task RunSidecarAsync(ServiceId service, CancellationToken cancellationToken)
    {
        if (options.Daprd is { } program)
        {
            var daprd = new Daprd(program, service, ports, options, _tokens);
            _daprds.Enqueue(daprd);
            _stop.Enqueue(() => daprd.DisposeAsync().AsTask());
            daprd.Start();
        }
        else
        {
            var sidecar = await SidecarHost.StartAsync(SidecarOf(service), cancellationToken);
            _stop.Enqueue(() => sidecar.DisposeAsync().AsTask());
        }
    }

    private WebApplication Create(ServiceId service)
    {
        Dictionary<string, string?> settings = new(LocalEnvironmentSettings.For(service, ports, options));
        foreach (var (name, token) in _tokens.Variables)
        {
            settings[name] = token;
        }

        Action<WebApplicationBuilder> configure = builder => Configure(builder, service.AppId(), UrlsOf(service), settings);
        return service switch
        {
            ServiceId.Ingress => IngressService.Create(_arguments, configure),
            ServiceId.Notifier => NotifierService.Create(_arguments, configure),
            ServiceId.Retrainer => RetrainerService.Create(_arguments, configure),
            ServiceId.Dashboard => DashboardService.Create(_arguments, builder =>
            {
                configure(builder);
                builder.Services.AddSingleton(_dashboard);
            }),
            _ => DeployerService.Create(_arguments, configure),
        };
    }

    private string UrlsOf(ServiceId service) => options.Azure is { } azure ? AzureSettings.Urls(service, ports, azure) : $"http://127.0.0.1:{ports.For(service)}";

    private void Configure(WebApplicationBuilder builder, string name, string urls, IEnumerable<KeyValuePair<string, string?>> settings)
    {
        builder.WebHost.UseUrls(urls);
        if (options.Azure?.SettingsFile is { } file)
        {
            // The file is the first source, so that environment variables override it.
            builder.Configuration.Sources.Insert(0, new JsonConfigurationSource { Path = Path.GetFileName(file), FileProvider = new PhysicalFileProvider(Path.GetDirectoryName(file) ?? "/") });
        }

        builder.Configuration.AddInMemoryCollection(settings);
        builder.Services.AddSingleton<IHostLifetime, LocalEnvironmentLifetime>();
        builder.Services.Configure<Microsoft.Extensions.Hosting.HostOptions>(host => host.ShutdownTimeout = _stopWithin);
        ConfigureLogging(builder.Logging, name);
    }

    private SidecarOptions SidecarOf(ServiceId service) => new()
    {
        AppId = service.AppId(),
        AppPort = ports.For(service),
        HttpPort = ports.SidecarHttp(service),
        GrpcPort = ports.SidecarGrpc(service),
        DataDirectory = options.DataDirectory,
        ApiToken = _tokens.Dapr,
        AppApiToken = _tokens.App,
        GracefulShutdown = _stopWithin - StopReserve,
        ResourcesPaths = { options.ComponentsDirectory },
        ConfigureLogging = logging => ConfigureLogging(logging, service.AppId() + "-sidecar"),
    };

    private void ConfigureLogging(ILoggingBuilder logging, string name)
    {
        logging.ClearProviders();
        logging.AddProvider(options.Azure is null
            ? new FileLogging(Path.Combine(options.DataDirectory, "logs"), name, TimeProvider.System)
            : FileLogging.ToConsole(name, TimeProvider.System));
    }

    private async Task RunAsync(WebApplication app, CancellationToken cancellationToken)
    {
        _stop.Enqueue(async () =>
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
