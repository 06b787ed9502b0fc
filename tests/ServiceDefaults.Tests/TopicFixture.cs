using System.Collections.Concurrent;
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

    public static Task<TopicFixture> StartAsync(CancellationToken cancellationToken, Exception? fault = null, string? appToken = null) =>
        StartAsync(new StubHandler((_, _) => fault is null ? Task.CompletedTask : Task.FromException(fault)), cancellationToken, appToken);

    public static async Task<TopicFixture> StartAsync(StubHandler handler, CancellationToken cancellationToken, string? appToken = null, TimeProvider? time = null)
    {
        var service = await RunningService.StartAsync(
            configure => Create(configure, handler, time ?? TimeProvider.System),
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

    /// <summary>Delivers a bulk message as daprd does.</summary>
    /// <returns>The status of each entry, by its id.</returns>
    public async Task<IReadOnlyDictionary<string, string?>> DeliverBulkAsync(IEnumerable<(string Id, string Message)> entries, CancellationToken cancellationToken)
    {
        var list = entries.Select(entry => $$"""{"entryId":"{{entry.Id}}","event":{{entry.Message}},"metadata":null,"contentType":"application/cloudevents+json"}""");
        var body = $$"""{"entries":[{{string.Join(',', list)}}],"id":"b-1","metadata":{"pubsubName":"pubsub"},"pubsubname":"pubsub","topic":"run-completed","type":"com.dapr.event.sent.bulk"}""";
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        using var response = await service.Client.PostAsync(new Uri("/topics/run-completed", UriKind.Relative), content, cancellationToken);
        response.EnsureSuccessStatusCode();
        var answer = await response.Content.ReadFromJsonAsync<JsonElement>(cancellationToken);
        return answer.GetProperty("statuses").EnumerateArray().ToDictionary(
            status => status.GetProperty("entryId").GetString() ?? "", status => status.GetProperty("status").GetString());
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

    private static WebApplication Create(Action<WebApplicationBuilder> configure, StubHandler handler, TimeProvider time)
    {
        var builder = WebApplication.CreateBuilder();
        configure(builder);
        builder.Services.AddSingleton(time);
        builder.AddServiceDefaults();
        builder.Services.AddSingleton(handler);
        var app = builder.Build();
        app.MapServiceDefaults();
        app.MapTopic<StubHandler>(Topics.RunCompleted);
        return app;
    }
}

/// <summary>Keeps the events that it receives, and handles them as the test says.</summary>
internal sealed class StubHandler(Func<WorkflowEvent, CancellationToken, Task> handle) : ITopicHandler
{
    private readonly ConcurrentQueue<WorkflowEvent> _handled = [];

    public IReadOnlyCollection<WorkflowEvent> Handled => _handled;

    public Task HandleAsync(WorkflowEvent workflowEvent, CancellationToken cancellationToken)
    {
        _handled.Enqueue(workflowEvent);
        return handle(workflowEvent, cancellationToken);
    }
}
