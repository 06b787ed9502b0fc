using Dapr;
using Dapr.Client;

using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

using MLEvents.Events;
using MLEvents.Local.Sidecar;
using MLEvents.Local.Sidecar.Configuration;
using MLEvents.Tests.Common;
using MLEvents.Tests.Common.Sidecars;

namespace MLEvents.Tests.Services;

/// <summary>
/// One service with its embedded sidecar, with a broker and state stores in a temporary folder, and with an <see cref="Observer"/> of its
/// published messages. The fixture is in a separate project, because the common test library does not reference the sidecar.
/// </summary>
public sealed class ServiceFixture : IAsyncDisposable
{
    // As in production, the policy does not limit the number of retries of a delivery. The waits are shorter than in production.
    private const string Resiliency = """
        apiVersion: dapr.io/v1alpha1
        kind: Resiliency
        metadata:
          name: resiliency
        spec:
          policies:
            retries:
              untilItPasses:
                policy: constant
                duration: 100ms
                maxRetries: -1
          targets:
            components:
              pubsub:
                inbound:
                  retry: untilItPasses
        """;

    private readonly string _appId;
    private readonly Func<Action<WebApplicationBuilder>, WebApplication> _create;
    private readonly int _httpPort = FreePort.Next();
    private readonly int _grpcPort = FreePort.Next();
    private readonly Stack<IAsyncDisposable> _beside = new();
    private SidecarHost? _sidecar;
    private RunningService? _service;
    private Observer? _observer;

    /// <summary>Creates a fixture. It does not start the service or the sidecar.</summary>
    /// <param name="appId">The service's Dapr app id.</param>
    /// <param name="create">The method <c>Create</c> of the service.</param>
    public ServiceFixture(string appId, Func<Action<WebApplicationBuilder>, WebApplication> create)
    {
        (_appId, _create) = (appId, create);
        Component(Topics.PubSub, "pubsub.embedded", ("path", "pubsub.db"), ("redeliverInterval", "200ms"));
        Component("statestore", "state.sqlite", ("connectionString", "state.db"));
        Component("replays", "state.sqlite", ("connectionString", "replays.db"), ("keyPrefix", "name"));
        Component("chains", "state.sqlite", ("connectionString", "chains.db"), ("keyPrefix", "name"));
        Folder.Write("components/resiliency.yaml", Resiliency);
        Settings = new()
        {
            ["DAPR_HTTP_ENDPOINT"] = $"http://127.0.0.1:{_httpPort}",
            ["DAPR_GRPC_ENDPOINT"] = $"http://127.0.0.1:{_grpcPort}",
            ["DAPR_API_TOKEN"] = SidecarTokens.Dapr,
            ["Operations:Token"] = OperatorApi.Token,
            ["Rules:Directory"] = Path.Combine(Folder.Path, "rules"),
            ["Rules:Debounce"] = "00:00:00.010",
            ["Ledger:FirstRetry"] = "00:00:00.050",
            ["Ledger:LongestRetry"] = "00:00:00.200",
            ["Chains:Wait"] = "00:00:00",
            ["Ledger:PollInterval"] = "00:00:00.200",

            // At the end of a test, the service waits at most 1 s for running steps.
            ["Ledger:Drain"] = "00:00:01",
        };
        Dapr = new DaprClientBuilder().UseHttpEndpoint(Settings["DAPR_HTTP_ENDPOINT"]).UseGrpcEndpoint(Settings["DAPR_GRPC_ENDPOINT"]).UseDaprApiToken(SidecarTokens.Dapr).Build();
    }

    /// <summary>The folder of the rules, the components and the data.</summary>
    public TempFolder Folder { get; } = new();

    /// <summary>The settings of the service. Change them before the start.</summary>
    public Dictionary<string, string?> Settings { get; }

    /// <summary>A client of the service's sidecar.</summary>
    public DaprClient Dapr { get; }

    /// <summary>The service.</summary>
    public RunningService Service => _service ?? throw new InvalidOperationException("The service is not started.");

    /// <summary>The changes of actions that services of this fixture have published on <see cref="Topics.WorkflowActivity"/>.</summary>
    public ObservedItems<ActionChanged> Activity => (_observer ?? throw new InvalidOperationException("The fixture is not started.")).Activity;

    /// <summary>The messages that services of this fixture have dead-lettered.</summary>
    public ObservedItems<string> DeadLetters => (_observer ?? throw new InvalidOperationException("The fixture is not started.")).DeadLetters;

    /// <summary>Adds a component, or replaces the component with this name. Call it before the sidecar starts.</summary>
    public void Component(string name, string type, params ReadOnlySpan<(string Name, string Value)> metadata)
    {
        var items = new List<string>();
        foreach (var (item, value) in metadata)
        {
            items.Add($"{item}: {value}");
        }

        Folder.Write($"components/{name}.yaml", Yaml.Component(name, type, items));
    }

    /// <summary>Starts the service, its sidecar and the observer.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await StartServiceAsync(cancellationToken);
        await StartSidecarAsync(cancellationToken);
    }

    /// <summary>Starts the service without its sidecar.</summary>
    public async Task StartServiceAsync(CancellationToken cancellationToken) =>
        _service = await RunningService.StartAsync(_create, Settings, cancellationToken);

    /// <summary>Starts the sidecar of the running service, and the observer.</summary>
    public async Task StartSidecarAsync(CancellationToken cancellationToken)
    {
        _sidecar = await SidecarHost.StartAsync(Sidecar(_appId, Service.Client.BaseAddress?.Port, _httpPort, _grpcPort), cancellationToken);
        await Poll.UntilAsync(HasSubscribedAsync, subscribed => subscribed, cancellationToken);
        await Poll.UntilAsync(ReachesSidecarAsync, reached => reached, cancellationToken);
        _observer ??= await Observer.StartAsync((appId, port) => Sidecar(appId, port), cancellationToken);
    }

    /// <summary>Stops only the service.</summary>
    public async Task StopServiceAsync()
    {
        await Service.DisposeAsync();
        _service = null;
    }

    /// <summary>Stops only the sidecar of the service.</summary>
    public async Task StopSidecarAsync()
    {
        if (_sidecar is not null)
        {
            await _sidecar.DisposeAsync();
            _sidecar = null;
        }
    }

    /// <summary>Starts another service with its own sidecar on the same broker. The fixture stops this service and its sidecar when the fixture is disposed.</summary>
    /// <param name="appId">The Dapr app id of the other service.</param>
    /// <param name="create">The method <c>Create</c> of the other service.</param>
    /// <param name="settings">Settings in addition to those of the fixture.</param>
    /// <param name="cancellationToken">Cancels the start.</param>
    public async Task<RunningService> StartBesideAsync(
        string appId, Func<Action<WebApplicationBuilder>, WebApplication> create, IEnumerable<KeyValuePair<string, string?>> settings, CancellationToken cancellationToken)
    {
        var (http, grpc) = (FreePort.Next(), FreePort.Next());
        var own = new Dictionary<string, string?>(Settings) { ["DAPR_HTTP_ENDPOINT"] = $"http://127.0.0.1:{http}", ["DAPR_GRPC_ENDPOINT"] = $"http://127.0.0.1:{grpc}" };
        foreach (var (name, value) in settings)
        {
            own[name] = value;
        }

        var service = await RunningService.StartAsync(create, own, cancellationToken);
        _beside.Push(service);
        _beside.Push(await SidecarHost.StartAsync(Sidecar(appId, service.Client.BaseAddress?.Port, http, grpc), cancellationToken));
        return service;
    }

    /// <summary>Publishes an event in the form in which the ingress publishes it.</summary>
    public Task PublishAsync(WorkflowEvent workflowEvent, CancellationToken cancellationToken) =>
        Dapr.PublishByteEventAsync(
            Topics.PubSub, Topics.For(workflowEvent.Type), System.Text.Encoding.UTF8.GetBytes(workflowEvent.Envelope.GetRawText()),
            "application/cloudevents+json", cancellationToken: cancellationToken);

    /// <summary>Waits until a service has published the end of the action that the rule started for the event.</summary>
    public Task<ActionChanged> EndOfAsync(string rule, WorkflowEvent workflowEvent, CancellationToken cancellationToken) => Activity.FirstAsync(
        action => action.Rule == rule && action.Event.Id == workflowEvent.Id && (action.Status is "succeeded" or "failed" or "skipped"),
        cancellationToken);

    /// <summary>Returns the status and stage of each change of an event's actions. The changes are in alphabetical order, because the broker delivers them concurrently.</summary>
    /// <param name="workflowEvent">The event.</param>
    /// <param name="count">How many changes to wait for.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    public async Task<IReadOnlyList<string>> ChangesAsync(WorkflowEvent workflowEvent, int count, CancellationToken cancellationToken)
    {
        var changes = await Activity.AtLeastAsync(count, action => action.Event.Id == workflowEvent.Id, cancellationToken);
        return [.. changes.Select(action => $"{action.Status} {action.Stage}".Trim()).Order(StringComparer.Ordinal)];
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        try
        {
            await Disposal.DisposeAllAsync([.. _beside, _sidecar, _observer, _service]);
        }
        finally
        {
            Dapr.Dispose();
            Folder.Dispose();
        }
    }

    // The sidecar listens before it asks the service for its subscriptions. It reports its health as good after it has subscribed.
    private async Task<bool> HasSubscribedAsync(CancellationToken cancellationToken)
    {
        using var client = new HttpClient();
        using var response = await client.GetAsync(new Uri($"http://127.0.0.1:{_httpPort}/v1.0/healthz"), cancellationToken);
        return response.IsSuccessStatusCode;
    }

    // The service starts before its sidecar. After a refused connection, the gRPC channel of the service waits before it connects again.
    private async Task<bool> ReachesSidecarAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await (Service.Services.GetService<DaprClient>() ?? Dapr).GetMetadataAsync(cancellationToken) is not null;
        }
        catch (DaprException)
        {
            return false;
        }
    }

    private SidecarOptions Sidecar(string appId, int? appPort, int httpPort = 0, int grpcPort = 0)
    {
        var options = new SidecarOptions
        {
            AppId = appId,
            AppPort = appPort,
            HttpPort = httpPort,
            GrpcPort = grpcPort,
            ApiToken = SidecarTokens.Dapr,
            AppApiToken = SidecarTokens.App,
            DataDirectory = Path.Combine(Folder.Path, "data"),
        };
        options.ResourcesPaths.Add(Path.Combine(Folder.Path, "components"));
        return options;
    }
}
