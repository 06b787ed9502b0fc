using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

using MLEvents.Local.Simulator.Arm;
using MLEvents.Local.Simulator.Configuration;
using MLEvents.Local.Simulator.Control;
using MLEvents.Local.Simulator.DataFactory;
using MLEvents.Local.Simulator.Diagnostics;
using MLEvents.Local.Simulator.EventGrid;
using MLEvents.Local.Simulator.Faults;
using MLEvents.Local.Simulator.MachineLearning;
using MLEvents.Local.Simulator.Messages;
using MLEvents.Local.Simulator.Monitoring;
using MLEvents.Local.Simulator.Primitives;
using MLEvents.Local.Simulator.Scoring;
using MLEvents.Local.Simulator.Smtp;
using MLEvents.Local.Simulator.Storage;

namespace MLEvents.Local.Simulator;

/// <summary>
/// Simulates Azure Resource Manager, Azure ML, Data Factory, Event Grid, a mail server and webhooks on one machine. The state is in memory or in one file.
/// </summary>
public static class SimulatorService
{
    /// <summary>Builds the simulator.</summary>
    /// <param name="args">The command line.</param>
    /// <param name="configure">Changes to apply before the application is built, such as the caller's settings.</param>
    public static WebApplication Create(string[] args, Action<WebApplicationBuilder>? configure = null)
    {
        // The watch of appsettings.json is off, because it would cover all folders below the content root, including the data folder.
        var builder = WebApplication.CreateBuilder(["--hostBuilder:reloadConfigOnChange=false", .. args]);
        builder.Services.AddOptionsWithValidateOnStart<SimulatorOptions, SimulatorOptionsValidator>().BindConfiguration(SimulatorOptions.Section);
        // Generated contracts replace reflection in every build, so a type that is missing in the contracts also fails in the tests. Problem details add their own contract.
        builder.Services.ConfigureHttpJsonOptions(json => json.SerializerOptions.TypeInfoResolver = SimulatorJson.Default);
        builder.Services.AddProblemDetails().AddHealthChecks();
        builder.Services.Configure<RouteHandlerOptions>(options => options.ThrowOnBadRequest = false);
        builder.Services.Configure<ForwardedHeadersOptions>(options => options.ForwardedHeaders = ForwardedHeaders.XForwardedProto | ForwardedHeaders.XForwardedHost);
        configure?.Invoke(builder);
        AddAzure(builder.Services);
        AddEventGrid(builder.Services);
        AddControl(builder.Services);

        var app = builder.Build();
        Seed(app.Services);
        app.UseForwardedHeaders();
        app.UseExceptionHandler();
        app.UseStatusCodePages(AnswerAsync);
        app.UseRouting();
        MapAzure(app);
        MapControl(app);
        return app;
    }

    private static void AddAzure(IServiceCollection services)
    {
        services.AddSingleton<ArmScope>().AddSingleton<ArmRequestChecks>().AddSingleton<ResourceStore>().AddSingleton<LongRunning>().AddSingleton<Paging>();
        services.AddSingleton<MachineLearningEvents>().AddSingleton<ModelRegistry>().AddSingleton<JobRunner>();
        services.AddSingleton<OnlineEndpointRunner>().AddSingleton<OnlineDeploymentRunner>().AddSingleton<DeploymentQuota>().AddSingleton<FactoryRunner>();
        services.AddSingleton<BatchRunner>().AddSingleton<BatchInvocation>();
        services.AddSingleton<ScoringBehaviors>().AddSingleton<RequestLog>().AddSingleton<ScoringServer>().AddSingleton<LiveTraffic>();
        services.AddHostedService(provider => provider.GetRequiredService<LiveTraffic>());
    }

    private static void AddEventGrid(IServiceCollection services)
    {
        services.AddSingleton<SubscriptionStore>().AddSingleton<DeliveryQueue>().AddSingleton<SubscriptionControl>().AddSingleton<EventGridPublisher>();
        services.AddSingleton<Handshake>().AddSingleton<DeliveryPump>().AddSingleton<DeadLetters>().AddSingleton<WebhookClient>();
        services.AddSingleton(_ => new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false }) { Timeout = Timeout.InfiniteTimeSpan });
    }

    private static void AddControl(IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton<Journal>().AddSingleton<DurableTasks>().AddSingleton<BackgroundWork>().AddSingleton<FaultStore>().AddSingleton<FaultResponder>().AddSingleton<CallLog>();
        services.AddSingleton<Timeline>().AddSingleton<EndpointChanges>().AddSingleton<Inbox>().AddSingleton<SmtpEndpoint>().AddSingleton<SmtpMailbox>();
        services.AddHostedService<SmtpServer>().AddHostedService<Resumption>();
    }

    private static void Seed(IServiceProvider services)
    {
        var (store, scope, time) = (services.GetRequiredService<ResourceStore>(), services.GetRequiredService<ArmScope>(), services.GetRequiredService<TimeProvider>());
        WorkspacesApi.Seed(store, scope, time);
        var options = services.GetRequiredService<IOptions<SimulatorOptions>>().Value;
        FactoryApi.Seed(store, scope, options, time);
        BatchEndpointsApi.Seed(store, scope, options, time);
    }

    private static void MapAzure(WebApplication app)
    {
        app.MapProviders();
        app.MapWorkspaces();
        app.MapTracking();
        app.MapJobs();
        app.MapModels();
        app.MapRegistryModels();
        app.MapMachines();
        app.MapOnlineEndpoints();
        app.MapOnlineDeployments();
        app.MapScoring();
        app.MapBatchEndpoints();
        app.MapBatchDeployments();
        app.MapBatch();
        app.MapMetrics();
        app.MapAutoscale();
        app.MapFactory();
        app.MapEventSubscriptions();
        app.MapTopics();

        // MapFallback is not used, because the request delegate generator emits code for it that ignores the pattern. The fallback would then match every path.
        // For example, it would answer a request without a body to a route of the simulator that needs a body.
        app.Map("/subscriptions/{**rest}", (HttpContext http) =>
            ArmReply.Error(StatusCodes.Status404NotFound, "InvalidResourceType", $"The simulator knows no resource at '{http.Request.Path}'.")).WithOrder(int.MaxValue);
    }

    // A path without a route gets an error in ARM's format. The simulator's own routes answer with problem details.
    private static Task AnswerAsync(StatusCodeContext context)
    {
        var http = context.HttpContext;
        return http.GetEndpoint() is null && http.Response.StatusCode == StatusCodes.Status404NotFound
            ? ArmReply.Error(StatusCodes.Status404NotFound, "NotFound", $"The simulator knows no resource at '{http.Request.Path}'.").ExecuteAsync(http)
            : http.RequestServices.GetRequiredService<IProblemDetailsService>()
                .WriteAsync(new() { HttpContext = http, ProblemDetails = { Status = http.Response.StatusCode } }).AsTask();
    }

    private static void MapControl(WebApplication app)
    {
        app.MapSimulate();
        app.MapScoringControl();
        app.MapFaults();
        app.MapInbox();
        app.MapState();
        app.MapCounts();
    }
}
