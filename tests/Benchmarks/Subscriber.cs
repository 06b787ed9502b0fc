using System.Collections.Concurrent;
using System.Text.Json;

using MLEvents.Events;

namespace MLEvents.Benchmarks;

/// <summary>An app that receives events of completed runs, and reports when all expected events have arrived.</summary>
internal sealed class Subscriber
{
    private readonly ConcurrentDictionary<string, bool> _missing = new();
    private TaskCompletionSource _allArrived = new();

    public WebApplication Create(string[] args, Action<WebApplicationBuilder>? configure)
    {
        var builder = WebApplication.CreateSlimBuilder(args);
        configure?.Invoke(builder);
        var app = builder.Build();
        app.MapGet("/dapr/subscribe", () => new[] { new { pubsubname = Topics.PubSub, topic = Topics.RunCompleted, route = "/runs" } });
        app.MapPost("/runs", (JsonElement envelope) => Take(envelope.GetProperty("id").GetString() ?? ""));
        return app;
    }

    /// <summary>Completes when all these events have arrived.</summary>
    public Task ExpectAsync(IEnumerable<string> ids)
    {
        _allArrived = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        foreach (var id in ids)
        {
            _missing[id] = true;
        }

        return _allArrived.Task;
    }

    private void Take(string id)
    {
        if (_missing.TryRemove(id, out _) && _missing.IsEmpty)
        {
            _allArrived.TrySetResult();
        }
    }
}
