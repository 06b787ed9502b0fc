using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;

using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

using MLEvents.Events;
using MLEvents.Tests.Common;

namespace MLEvents.ServiceDefaults.Tests;

/// <summary>A service with one topic, called as its sidecar would call it.</summary>
internal sealed class TopicFixture(RunningService service, StubHandler handler) : IAsyncDisposable
{
    public const string Message = """{"specversion":"1.0","id":"e-1","source":"/s","type":"Microsoft.MachineLearningServices.RunCompleted","subject":"x","data":{"n":1.0}}""";

    public RunningService Service => service;

    public StubHandler Handler => handler;

    public static async Task<TopicFixture> StartAsync(CancellationToken cancellationToken, Exception? fault = null, string? appToken = null)
    {
        var handler = new StubHandler(fault);
        var service = await RunningService.StartAsync(
            configure => Create(configure, handler),
            [new("DAPR_HTTP_ENDPOINT", "http://127.0.0.1:1"), new("DAPR_GRPC_ENDPOINT", "http://127.0.0.1:1"), new("APP_API_TOKEN", appToken)],
            cancellationToken);
        return new(service, handler);
    }

    public async Task<string?> DeliverAsync(string body, CancellationToken cancellationToken)
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/cloudevents+json");
        using var response = await service.Client.PostAsync(new Uri("/topics/run-completed", UriKind.Relative), content, cancellationToken);
        response.EnsureSuccessStatusCode();
        return (await response.Content.ReadFromJsonAsync<JsonElement>(cancellationToken)).GetProperty("status").GetString();
    }

    /// <summary>The status code of a delivery that carries a token.</summary>
    public async Task<HttpStatusCode> DeliverWithAsync(string? token, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/topics/run-completed") { Content = new StringContent(Message, Encoding.UTF8, "application/cloudevents+json") };
        if (token is not null)
        {
            request.Headers.Add("dapr-api-token", token);
        }

        using var response = await service.Client.SendAsync(request, cancellationToken);
        return response.StatusCode;
    }

    public ValueTask DisposeAsync() => service.DisposeAsync();

    private static WebApplication Create(Action<WebApplicationBuilder> configure, StubHandler handler)
    {
        var builder = WebApplication.CreateBuilder();
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
