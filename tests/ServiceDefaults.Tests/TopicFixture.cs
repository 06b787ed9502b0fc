using System.Collections.Concurrent;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;

using Dapr.Client;

using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

using MLEvents.Events;
using MLEvents.Tests.Common;

namespace MLEvents.ServiceDefaults.Tests;

/// <summary>A service with one topic. The test calls the service as the sidecar of the service would.</summary>
internal sealed class TopicFixture(RunningService service, StubHandler handler) : IAsyncDisposable
{
    public const string Message = """{"specversion":"1.0","id":"e-1","source":"/s","type":"Microsoft.MachineLearningServices.RunCompleted","subject":"x","data":{"n":1.0}}""";

    /// <summary>The name of a setting of this fixture. If it is present, the service does not call its sidecar.</summary>
    public const string OnlyReceives = "onlyReceives";

    public RunningService Service => service;

    public StubHandler Handler => handler;

    /// <summary>The service's client of its sidecar.</summary>
    public DaprClient Dapr => handler.Services.GetRequiredService<DaprClient>();

    /// <summary>
    /// Starts the service with a handler that throws <paramref name="fault"/>; if this is null, the handler does nothing. The environment is Production unless a setting
    /// names another environment.
    /// </summary>
    public static Task<TopicFixture> StartAsync(CancellationToken cancellationToken, Exception? fault = null, params (string Key, string? Value)[] settings) =>
        StartAsync(new StubHandler((_, _) => fault is null ? Task.CompletedTask : Task.FromException(fault)), cancellationToken, settings: settings);

    /// <summary>Starts the service with a handler. The environment is Production unless a setting names another environment.</summary>
    public static async Task<TopicFixture> StartAsync(StubHandler handler, CancellationToken cancellationToken, TimeProvider? time = null, params (string Key, string? Value)[] settings)
    {
        var environment = Environments.Production;
        var all = new Dictionary<string, string?> { ["DAPR_HTTP_ENDPOINT"] = "http://127.0.0.1:1", ["DAPR_GRPC_ENDPOINT"] = "http://127.0.0.1:1" };
        foreach (var (key, value) in settings)
        {
            if (key == "environment")
            {
                environment = value ?? environment;
            }
            else
            {
                all[key] = value;
            }
        }

        var callsSidecar = !all.Remove(OnlyReceives);
        var service = await RunningService.StartAsync(configure => Create(configure, handler, time ?? TimeProvider.System, environment, callsSidecar), all, cancellationToken);
        return new(service, handler);
    }

    public async Task<string?> DeliverAsync(string body, CancellationToken cancellationToken)
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/cloudevents+json");
        using var response = await service.Sidecar.PostAsync(new Uri("/topics/run-completed", UriKind.Relative), content, cancellationToken);
        response.EnsureSuccessStatusCode();
        return (await response.Content.ReadFromJsonAsync<JsonElement>(cancellationToken)).GetProperty("status").GetString();
    }

    /// <summary>Delivers a bulk message as daprd does.</summary>
    /// <returns>The status of each entry, by its id.</returns>
    public async Task<IReadOnlyDictionary<string, string?>> DeliverBulkAsync(IEnumerable<(string Id, string Message)> entries, CancellationToken cancellationToken)
    {
        var list = entries.Select(entry => $$"""{"entryId":"{{entry.Id}}","event":{{entry.Message}},"metadata":null,"contentType":"application/cloudevents+json"}""");
        var body = $$"""{"entries":[{{string.Join(',', list)}}],"id":"b-1","metadata":{"pubsubName":"pubsub"},"pubsubname":"pubsub","topic":"run-completed","type":"com.dapr.event.sent.bulk"}""";
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        using var response = await service.Sidecar.PostAsync(new Uri("/topics/run-completed", UriKind.Relative), content, cancellationToken);
        response.EnsureSuccessStatusCode();
        var answer = await response.Content.ReadFromJsonAsync<JsonElement>(cancellationToken);
        return answer.GetProperty("statuses").EnumerateArray().ToDictionary(
            status => status.GetProperty("entryId").GetString() ?? "", status => status.GetProperty("status").GetString());
    }

    public ValueTask DisposeAsync() => service.DisposeAsync();

    private static WebApplication Create(Action<WebApplicationBuilder> configure, StubHandler handler, TimeProvider time, string environment, bool callsSidecar)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { EnvironmentName = environment });
        configure(builder);
        builder.Services.AddSingleton(time);
        builder.AddServiceDefaults(callsSidecar);
        builder.Services.AddSingleton(handler);
        var app = builder.Build();
        handler.Services = app.Services;
        app.MapServiceDefaults();
        app.MapTopic<StubHandler>(Topics.RunCompleted);
        return app;
    }
}

/// <summary>Stores the events that it receives, and handles them as the test specifies.</summary>
internal sealed class StubHandler(Func<WorkflowEvent, CancellationToken, Task> handle) : ITopicHandler
{
    public IServiceProvider Services { get; set; } = new ServiceCollection().BuildServiceProvider();

    private readonly ConcurrentQueue<WorkflowEvent> _handled = [];

    public IReadOnlyCollection<WorkflowEvent> Handled => _handled;

    public Task HandleAsync(WorkflowEvent workflowEvent, CancellationToken cancellationToken)
    {
        _handled.Enqueue(workflowEvent);
        return handle(workflowEvent, cancellationToken);
    }
}
