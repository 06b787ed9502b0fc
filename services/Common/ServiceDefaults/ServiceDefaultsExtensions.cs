using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

using Dapr.Client;

using Grpc.Net.Client;

using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

using MLEvents.Events;
using MLEvents.ServiceDefaults.Logging;
using MLEvents.State;

using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;

namespace MLEvents.ServiceDefaults;

/// <summary>The defaults of every service: a clock, its Dapr sidecar, the operators' access, health, problem details and telemetry.</summary>
public static class ServiceDefaultsExtensions
{
    private const string SecretsDirectory = "Secrets:Directory";
    private const string Alive = "/healthz";
    private const string Ready = "/readyz";
    private const string Health = "/health";
    private const string SidecarCheck = "dapr";

    /// <summary>Registers the defaults.</summary>
    /// <remarks>
    /// The addresses and the token of the sidecar are Dapr's own settings: <c>DAPR_HTTP_ENDPOINT</c> or <c>DAPR_HTTP_PORT</c>, <c>DAPR_GRPC_ENDPOINT</c> or <c>DAPR_GRPC_PORT</c>,
    /// and <c>DAPR_API_TOKEN</c>. They are read from the configuration, because several services in one process need different values.
    /// Secrets are read from the folder that <c>Secrets:Directory</c> names, one file for each setting (<c>Operations__Token</c>). They are read again when a file changes.
    /// Telemetry is exported when <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> is set.
    /// </remarks>
    /// <param name="builder">The builder of the service.</param>
    /// <param name="callsSidecar">Whether the service uses <see cref="DaprClient"/>. A service that only receives messages does not need it.</param>
    public static void AddServiceDefaults(this WebApplicationBuilder builder, bool callsSidecar = true)
    {
        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.AddSecretFiles();

        // The framework logs each request with its query, and a webhook's query contains its key.
        builder.Logging.AddFilter("Microsoft.AspNetCore", LogLevel.Warning);
        builder.Logging.AddFilter("Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.Warning);
        builder.Services.AddSingleton<LoggerFactory>();
        builder.Services.Replace(ServiceDescriptor.Singleton<ILoggerFactory, RedactingLoggerFactory>());
        builder.Services.AddProblemDetails();
        builder.Services.ConfigureHttpJsonOptions(json => json.SerializerOptions.TypeInfoResolverChain.Add(HealthJson.Default));

        // In Development, the framework throws for a malformed request, such as one without its antiforgery token. Such a request gets 4xx in every environment, and is not an error of the service.
        builder.Services.Configure<RouteHandlerOptions>(routes => routes.ThrowOnBadRequest = false);
        builder.Services.AddSingleton<IValidateOptions<StudioOptions>, StudioOptionsValidator>();
        builder.Services.AddOptions<StudioOptions>().BindConfiguration(StudioOptions.Section).ValidateOnStart();
        builder.Services.AddOperationsAccess();
        builder.Services.AddSingleton<IValidateOptions<SidecarAccessOptions>, SidecarAccessOptionsValidator>();
        builder.Services.AddOptions<SidecarAccessOptions>().BindConfiguration(SidecarAccessOptions.Section).ValidateOnStart();
        builder.Services.AddOptions<DeliveryOptions>().BindConfiguration(DeliveryOptions.Section).ValidateOnStart();
        builder.Services.AddSingleton<DeliverySlots>();
        builder.Services.AddHostedService<StartupMemory>();
        builder.Services.AddSidecarClient();
        builder.Services.AddSingleton<SubscriptionMonitor>();
        builder.Services.AddHostedService(provider => provider.GetRequiredService<SubscriptionMonitor>());
        if (callsSidecar)
        {
            builder.AddDaprClient();
        }
        else
        {
            builder.Services.AddHealthChecks().AddCheck<SubscriberHealthCheck>(SidecarCheck);
        }

        if (IsTelemetryExported(builder.Configuration))
        {
            builder.AddTelemetry();
        }
    }

    /// <summary>Whether telemetry is exported.</summary>
    internal static bool IsTelemetryExported(IConfiguration configuration) => !string.IsNullOrWhiteSpace(configuration["OTEL_EXPORTER_OTLP_ENDPOINT"]);

    // A separate method, so that a service that does not use DaprClient does not load it.
    private static void AddDaprClient(this WebApplicationBuilder builder)
    {
        builder.Services.AddDaprClient((services, client) => client.UseSidecarOf(builder.Configuration).UseJsonSerializationOptions(JsonOf(services)));
        builder.Services.AddHealthChecks().AddCheck<SidecarHealthCheck>(SidecarCheck);
    }

    private static void AddSidecarClient(this IServiceCollection services)
    {
        services.AddHttpClient(SidecarClient.Name, http => http.Timeout = SidecarClient.Timeout)
            .ConfigurePrimaryHttpMessageHandler(() => new SocketsHttpHandler { AllowAutoRedirect = false }).RemoveAllLoggers();
        services.AddSingleton<SidecarClient>();
    }

    // Reads one file for each setting, named like the environment variable. Kubernetes and the CSI driver mount such files.
    private static void AddSecretFiles(this WebApplicationBuilder builder)
    {
        if (builder.Configuration[SecretsDirectory] is { Length: > 0 } folder)
        {
            builder.Configuration.AddKeyPerFile(Path.GetFullPath(folder), optional: false, reloadOnChange: true);
        }
    }

    // Called only if telemetry is exported. Otherwise each request would create spans and measurements that nobody reads.
    private static void AddTelemetry(this WebApplicationBuilder builder) => builder.Services.AddOpenTelemetry()
        .WithMetrics(metrics => metrics
            .AddMeter("MLEvents.*", "Polly")
            .AddAspNetCoreInstrumentation()
            .AddHttpClientInstrumentation()
            .AddRuntimeInstrumentation())
        .WithTracing(traces => traces
            .AddSource("MLEvents.*")
            .AddAspNetCoreInstrumentation(options => options.Filter = context => !IsProbe(context.Request.Path))
            .AddHttpClientInstrumentation())
        .UseOtlpExporter();

    /// <summary>Maps liveness (<c>/healthz</c>), readiness (<c>/readyz</c>), their details (<c>/health</c>) and Dapr's subscription list.</summary>
    public static void MapServiceDefaults(this WebApplication app)
    {
        app.UseExceptionHandler();
        app.MapHealthChecks(Alive, new HealthCheckOptions { Predicate = _ => false });
        app.MapHealthChecks(Ready);
        app.MapHealthChecks(Health, new HealthCheckOptions { ResponseWriter = HealthReportWriter.WriteAsync });
        app.MapSubscriptionList().RequireSidecar();
    }

    /// <summary>The address of the sidecar's HTTP API, from Dapr's own settings.</summary>
    /// <param name="configuration">The configuration of the service.</param>
    internal static Uri SidecarAddress(IConfiguration configuration) => new(EndpointOf(configuration, "HTTP") ?? "http://127.0.0.1:3500");

    private static DaprClientBuilder UseSidecarOf(this DaprClientBuilder client, ConfigurationManager configuration)
    {
        if (EndpointOf(configuration, "HTTP") is { } http)
        {
            client.UseHttpEndpoint(http);
        }

        if (EndpointOf(configuration, "GRPC") is { } grpc)
        {
            client.UseGrpcEndpoint(grpc);
        }

        var token = configuration["DAPR_API_TOKEN"] is { Length: > 0 } given ? given : null;
        if (token is not null)
        {
            client.UseDaprApiToken(token);
        }

        // By default a channel whose sidecar was unavailable waits up to two minutes before it connects again, and fails every call until then.
        client.UseGrpcChannelOptions(new GrpcChannelOptions
        {
            HttpHandler = token is null ? null : new SidecarTokenHandler(token),
            DisposeHttpClient = token is not null,
            ThrowOperationCanceledOnCancellation = true,
            InitialReconnectBackoff = TimeSpan.FromMilliseconds(100),
            MaxReconnectBackoff = TimeSpan.FromSeconds(2),
        });
        return client;
    }

    // MaxDepth: a ledger record contains an event, so a record is nested deeper than the deepest allowed event.
    // TypeInfoResolver: the resolver for HTTP answers also covers the stored values. It knows all types if it uses reflection; otherwise, it knows the registered types.
    private static JsonSerializerOptions JsonOf(IServiceProvider services) => new(JsonSerializerDefaults.Web)
    {
        MaxDepth = JsonLimits.MaxDepth + JsonLimits.Wrapping,
        TypeInfoResolver = JsonTypeInfoResolver.Combine(services.GetRequiredService<IOptions<JsonOptions>>().Value.SerializerOptions.TypeInfoResolver, StateClient.JsonContract),
    };

    private static string? EndpointOf(IConfiguration configuration, string protocol) =>
        configuration[$"DAPR_{protocol}_ENDPOINT"] is { Length: > 0 } endpoint ? endpoint
        : configuration[$"DAPR_{protocol}_PORT"] is { Length: > 0 } port ? $"http://127.0.0.1:{port}"
        : null;

    private static bool IsProbe(PathString path) => path == Alive || path == Ready || path == Health;
}
