using System.Net.Http.Json;
using System.Text;
using System.Text.Json;

using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

using MLEvents.Events;
using MLEvents.Tests.Common;

namespace MLEvents.ServiceDefaults.Tests;

/// <summary>A service with one topic, called as its sidecar would call it.</summary>
internal sealed class TopicFixture(RunningService service, StubHandler handler) : IAsyncDisposable
{
    public const string Message = """{"specversion":"1.0","id":"e-1","source":"/s","type":"Microsoft.MachineLearningServices.RunCompleted","subject":"x","data":{"n":1.0}}""";

    public RunningService Service => service;

    public StubHandler Handler => handler;

    /// <summary>Starts the service, in Production unless a setting names another environment.</summary>
    public static async Task<TopicFixture> StartAsync(CancellationToken cancellationToken, Exception? fault = null, params (string Key, string? Value)[] settings)
    {
        var handler = new StubHandler(fault);
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

        var service = await RunningService.StartAsync(configure => Create(configure, handler, environment), all, cancellationToken);
        return new(service, handler);
    }

    public async Task<string?> DeliverAsync(string body, CancellationToken cancellationToken)
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/cloudevents+json");
        using var response = await service.Sidecar.PostAsync(new Uri("/topics/run-completed", UriKind.Relative), content, cancellationToken);
        response.EnsureSuccessStatusCode();
        return (await response.Content.ReadFromJsonAsync<JsonElement>(cancellationToken)).GetProperty("status").GetString();
    }

    public ValueTask DisposeAsync() => service.DisposeAsync();

    private static WebApplication Create(Action<WebApplicationBuilder> configure, StubHandler handler, string environment)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { EnvironmentName = environment });
        configure(builder);
        builder.AddServiceDefaults();
        builder.Services.AddSingleton(handler);
        var app = builder.Build();
        app.MapServiceDefaults();
        app.MapTopic<StubHandler>(Topics.RunCompleted);
        return app;
    }
}

/// <summary>Keeps what it is given, then fails as told.</summary>
internal sealed class StubHandler(Exception? fault) : ITopicHandler
{
    public List<WorkflowEvent> Handled { get; } = [];

    public Task HandleAsync(WorkflowEvent workflowEvent, CancellationToken cancellationToken)
    {
        Handled.Add(workflowEvent);
        return fault is null ? Task.CompletedTask : Task.FromException(fault);
    }
}
