using System.Collections.Concurrent;
using System.Text.Json.Nodes;

using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace MLEvents.Local.Simulator.Tests;

/// <summary>A request received by the fake webhook.</summary>
internal sealed record Received(string Method, Dictionary<string, string> Headers, string Query, string Body)
{
    public string? Kind => Headers.GetValueOrDefault("aeg-event-type");
}

/// <summary>A received event with the short name of its type.</summary>
internal sealed record ReceivedEvent(string Type, JsonNode Body);

/// <summary>An HTTP server that acts as an Event Grid webhook. By default it completes both handshakes and answers 200.</summary>
internal sealed class FakeWebhook : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentQueue<Received> _received = new();
    private TaskCompletionSource _more = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private FakeWebhook()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        _app = builder.Build();
        _app.Run(HandleAsync);
    }

    public Uri Address => new(_app.Urls.Single() + "/events?code=secret");

    public IReadOnlyList<Received> Requests => [.. _received];

    /// <summary>The deliveries, without handshakes and notices.</summary>
    public IReadOnlyList<Received> Deliveries => [.. _received.Where(request => request.Kind == "Notification")];

    public List<ReceivedEvent> Events => [.. Deliveries.SelectMany(request => Parse(request.Body))];

    /// <summary>Answers deliveries. The second argument is the number of the delivery, starting at 1.</summary>
    public Func<HttpContext, int, Task> OnDelivery { get; set; } = (_, _) => Task.CompletedTask;

    /// <summary>Answers a SubscriptionValidation event. The second argument is the validation code of the event.</summary>
    public Func<HttpContext, string, Task> OnValidation { get; set; } = (http, code) => http.Response.WriteAsync($$"""{"validationResponse":"{{code}}"}""");

    /// <summary>Answers OPTIONS.</summary>
    public Action<HttpContext> OnOptions { get; set; } = http => http.Response.Headers["WebHook-Allowed-Origin"] = "*";

    public static async Task<FakeWebhook> StartAsync()
    {
        var webhook = new FakeWebhook();
        await webhook._app.StartAsync(TestContext.Current.CancellationToken);
        return webhook;
    }

    /// <summary>Subscribes this webhook and waits until the handshake has succeeded or failed, or needs a manual confirmation.</summary>
    public async Task<JsonNode> SubscribeAsync(RunningSimulator simulator, string more = "", string destination = "", string name = "test-hook")
    {
        var id = $"{RunningSimulator.Workspace}/providers/Microsoft.EventGrid/eventSubscriptions/{name}";
        using var response = await simulator.PutAsync(id, Bodies.Subscription(Address, more, destination));
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        return await simulator.UntilAsync(id, found => (string?)found["properties"]?["provisioningState"] is not ("Creating" or "Updating"));
    }

    public async Task UntilAsync(Func<List<ReceivedEvent>, bool> wanted)
    {
        while (true)
        {
            var more = _more.Task;
            if (wanted(Events))
            {
                return;
            }

            await more.WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);
        }
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private static IEnumerable<ReceivedEvent> Parse(string body)
    {
        var node = JsonNode.Parse(body);
        foreach (var item in node is JsonArray many ? [.. many] : new[] { node })
        {
            if (item is not null)
            {
                var type = (string?)(item["eventType"] ?? item["type"]) ?? "";
                yield return new(type[(type.LastIndexOf('.') + 1)..], item);
            }
        }
    }

    private async Task HandleAsync(HttpContext http)
    {
        using var reader = new StreamReader(http.Request.Body);
        var body = await reader.ReadToEndAsync(http.RequestAborted);
        var headers = http.Request.Headers.ToDictionary(header => header.Key, header => header.Value.ToString(), StringComparer.OrdinalIgnoreCase);
        var request = new Received(http.Request.Method, headers, http.Request.QueryString.Value ?? "", body);
        _received.Enqueue(request);

        if (request.Method == "OPTIONS")
        {
            OnOptions(http);
        }
        else if (request.Kind == "SubscriptionValidation")
        {
            await OnValidation(http, (string?)JsonNode.Parse(body)?[0]?["data"]?["validationCode"] ?? "");
        }
        else if (request.Kind == "Notification")
        {
            await OnDelivery(http, Deliveries.Count);
        }

        Interlocked.Exchange(ref _more, new(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();
    }
}
