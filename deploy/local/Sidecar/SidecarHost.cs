using System.Net;
using System.Net.Sockets;
using System.Text;

using Grpc.AspNetCore.Server.Model;

using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.DependencyInjection.Extensions;

using MLEvents.Local.Sidecar.Api;
using MLEvents.Local.Sidecar.Bindings;
using MLEvents.Local.Sidecar.Components;
using MLEvents.Local.Sidecar.Configuration;
using MLEvents.Local.Sidecar.Delivery;
using MLEvents.Local.Sidecar.Grpc;
using MLEvents.Local.Sidecar.Loading;
using MLEvents.Local.Sidecar.PubSub;
using MLEvents.Local.Sidecar.Resiliency;
using MLEvents.Local.Sidecar.Resources;
using MLEvents.Local.Sidecar.Runtime;
using MLEvents.Local.Sidecar.Secrets;
using MLEvents.Local.Sidecar.State;
using MLEvents.Local.Sidecar.Telemetry;

namespace MLEvents.Local.Sidecar;

/// <summary>A running sidecar of one app. Several sidecars may run in one process.</summary>
public sealed partial class SidecarHost : IAsyncDisposable
{
    /// <summary>Kestrel refuses bodies over this size. A smaller body that is over the limit of the APIs gets daprd's error.</summary>
    private const long MaxBodyBytes = 64 << 20;

    /// <summary>The time that a stop may take in addition to <see cref="SidecarOptions.GracefulShutdown"/>.</summary>
    private static readonly TimeSpan StopReserve = TimeSpan.FromSeconds(25);

    private readonly WebApplication _server;
    private Task<bool>? _stopped;

    private SidecarHost(WebApplication server) => _server = server;

    /// <summary>Base address of the HTTP API.</summary>
    public Uri HttpAddress => Address(0);

    /// <summary>Base address of the gRPC API (HTTP/2 without TLS).</summary>
    public Uri GrpcAddress => Address(1);

    /// <summary>Loads the components and listens. The subscriptions start when the app answers.</summary>
    /// <exception cref="ResourceException">A resource file is wrong, or the sidecar may not listen on one of its ports. The message states the place and the remedy.</exception>
    public static async Task<SidecarHost> StartAsync(SidecarOptions options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(options);
        var resources = ResourceSet.Load(options);
        ConfigurationFile.Check(options.ConfigFile);
        var policies = ResiliencyDocuments.Read(resources.Resiliency, options.Time);
        var server = Build(options, resources, policies);
        try
        {
            LogIgnored(server.Logger, policies.Ignored);
            var loader = new ComponentLoader(options, server.Services.GetRequiredService<ILoggerFactory>());
            await loader.LoadAsync(resources, server.Services.GetRequiredService<ComponentRegistry>(), cancellationToken);
            await ListenAsync(server, options, cancellationToken);
            var host = new SidecarHost(server);
            LogListening(server.Logger, options.AppId, host.HttpAddress, host.GrpcAddress);
            return host;
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Closes the APIs and waits for the current deliveries, at most for <see cref="SidecarOptions.GracefulShutdown"/>.</summary>
    /// <returns>False if some deliveries were cancelled; their messages are delivered again.</returns>
    public Task<bool> StopAsync() => _stopped ??= StopOnceAsync();

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        try
        {
            await StopAsync();
        }
        finally
        {
            await _server.DisposeAsync();
        }
    }

    // Kestrel reports a port in use as an IOException with the address. Other errors, such as a missing permission, have no address, so this method adds it.
    private static async Task ListenAsync(WebApplication server, SidecarOptions options, CancellationToken cancellationToken)
    {
        try
        {
            await server.StartAsync(cancellationToken);
        }
        catch (SocketException exception)
        {
            // Kestrel opens the HTTP port first. 'Urls' contains the addresses that are already open.
            var (flag, port) = server.Urls.Count == 0 ? ("--dapr-http-port", options.HttpPort) : ("--dapr-grpc-port", options.GrpcPort);
            var endpoint = new IPEndPoint(IPAddress.Parse(options.ListenAddress), port);
            throw new ResourceException(
                $"cannot listen on {endpoint} ({flag}): {exception.Message}; use a port that this user may open, and an address of this machine (--dapr-listen-addresses)", exception);
        }
    }

    private async Task<bool> StopOnceAsync()
    {
        await _server.StopAsync();
        return !_server.Services.GetRequiredService<SubscriptionService>().WasCutOff;
    }

    private static WebApplication Build(SidecarOptions options, ResourceSet resources, ResiliencyDocuments policies)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ApplicationName = options.AppId });
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => Listen(kestrel, options));
        // By default, Kestrel waits with an empty read before each read, so that idle connections need no buffer. A sidecar has few connections, and the empty read costs a system call.
        builder.Services.Configure<SocketTransportOptions>(transport => transport.WaitForDataBeforeAllocatingBuffer = false);
        builder.Logging.SetMinimumLevel(options.LogLevel);
        if (options.LogLevel is LogLevel.Information)
        {
            // ASP.NET Core and its gRPC server log several lines for each request. daprd logs none, and these lines would take more processor time than the request.
            builder.Logging.AddFilter("Microsoft.AspNetCore", LogLevel.Warning).AddFilter("Grpc", LogLevel.Warning);
        }

        options.ConfigureLogging(builder.Logging);
        AddServices(builder.Services, options, resources, policies);
        var server = builder.Build();
        server.UseMiddleware<TraceMiddleware>();
        // Routing comes before ApiTokenMiddleware, which skips the endpoints of gRPC methods. DaprErrorInterceptor checks the token of gRPC calls.
        server.UseRouting();
        server.UseMiddleware<ApiTokenMiddleware>();
        server.UseMiddleware<DaprErrorMiddleware>();
        MapRoutes(server);
        return server;
    }

    private static void AddServices(IServiceCollection services, SidecarOptions options, ResourceSet resources, ResiliencyDocuments policies)
    {
        services.AddSingleton<IHostLifetime, OwnerLifetime>();
        services.AddRoutingCore();
        services.AddGrpc(grpc => grpc.Interceptors.Add<DaprErrorInterceptor>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IServiceMethodProvider<DaprService>, DaprServiceMethodProvider>());
        services.AddSingleton(options);
        services.AddSingleton<ComponentRegistry>();
        services.AddSingleton(new DeclaredSubscriptions(resources.Subscriptions));
        var types = resources.Components.ToLookup(component => component.Name, component => component.Type);
        services.AddSingleton(new ResiliencyPolicies(
            (name, direction) => policies.Resolve(name, types[name].FirstOrDefault() ?? "", direction), options.Time, options.Jitter));
        services.AddSingleton<SidecarMetadata>();
        services.AddSingleton<SidecarMetrics>();
        services.AddSingleton<MessagePublisher>();
        services.AddSingleton<SubscriptionService>();
        services.AddHostedService(provider => provider.GetRequiredService<SubscriptionService>());
        services.Configure<HostOptions>(host =>
        {
            host.ServicesStopConcurrently = true;
            host.ShutdownTimeout = options.GracefulShutdown + StopReserve;
        });
        services.AddSingleton(SecretScopes.Read(options.ConfigFile));
        services.AddSingleton<SecretsAccess>();
        services.AddSingleton<AppChannel>();
        services.AddSingleton<AppRuntime>();
        services.AddSingleton<DaprService>();
    }

    private static void MapRoutes(IEndpointRouteBuilder routes)
    {
        routes.MapHealth();
        routes.MapMetadata();
        routes.MapMetrics();
        routes.MapPubSub();
        routes.MapState();
        routes.MapBindings();
        routes.MapSecrets();
        routes.MapGrpcService<DaprService>();
        routes.MapUnsupported();
    }

    private static void Listen(KestrelServerOptions kestrel, SidecarOptions options)
    {
        var address = IPAddress.Parse(options.ListenAddress);
        kestrel.AddServerHeader = false;
        kestrel.ResponseHeaderEncodingSelector = _ => Encoding.UTF8;
        kestrel.Limits.MaxRequestBodySize = MaxBodyBytes;
        kestrel.Listen(address, options.HttpPort, endpoint => endpoint.Protocols = HttpProtocols.Http1);
        kestrel.Listen(address, options.GrpcPort, endpoint => endpoint.Protocols = HttpProtocols.Http2);
    }

    private static void LogIgnored(ILogger logger, IReadOnlyList<string> notes)
    {
        foreach (var note in notes)
        {
            LogIgnored(logger, note);
        }
    }

    [LoggerMessage(2, LogLevel.Warning, "{Note}")]
    private static partial void LogIgnored(ILogger logger, string note);

    [LoggerMessage(1, LogLevel.Information, "Sidecar of {AppId}: HTTP API on {HttpAddress}, gRPC API on {GrpcAddress}")]
    private static partial void LogListening(ILogger logger, string appId, Uri httpAddress, Uri grpcAddress);

    private Uri Address(int index) => new(_server.Urls.ElementAt(index));
}
