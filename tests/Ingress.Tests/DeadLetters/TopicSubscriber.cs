using System.Text.Json;

using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Logging;

using MLEvents.Events;
using MLEvents.Local.Sidecar;
using MLEvents.Local.Sidecar.Configuration;
using MLEvents.Tests.Common;

namespace MLEvents.Ingress.Tests.DeadLetters;

/// <summary>Another service that subscribes to one topic, and the events that it handles.</summary>
internal sealed class TopicSubscriber : IAsyncDisposable
{
    private readonly RunningService _app;
    private SidecarHost? _sidecar;

    private TopicSubscriber(RunningService app, ObservedItems<WorkflowEvent> seen) => (_app, Seen) = (app, seen);

    public ObservedItems<WorkflowEvent> Seen { get; }

    /// <summary>Starts the service.</summary>
    /// <param name="fixture">The fixture whose broker the service uses.</param>
    /// <param name="topic">The topic of the subscription.</param>
    /// <param name="cancellationToken">Cancels the start.</param>
    /// <param name="drops">The number of deliveries that the service drops before it handles one.</param>
    public static async Task<TopicSubscriber> SubscribeAsync(DeadLettersFixture fixture, string topic, CancellationToken cancellationToken, int drops = 0)
    {
        var seen = new ObservedItems<WorkflowEvent>();
        var app = await RunningService.StartAsync(configure => Create(configure, topic, seen, drops), [], cancellationToken);
        var options = new SidecarOptions { AppId = "subscriber", AppPort = app.Client.BaseAddress?.Port, HttpPort = 0, GrpcPort = 0, DataDirectory = Path.Combine(fixture.Fixture.Folder.Path, "data") };
        options.ResourcesPaths.Add(Path.Combine(fixture.Fixture.Folder.Path, "components"));
        return new TopicSubscriber(app, seen) { _sidecar = await SidecarHost.StartAsync(options, cancellationToken) };
    }

    public async ValueTask DisposeAsync()
    {
        if (_sidecar is not null)
        {
            await _sidecar.DisposeAsync();
        }

        await _app.DisposeAsync();
    }

    private static WebApplication Create(Action<WebApplicationBuilder> configure, string topic, ObservedItems<WorkflowEvent> seen, int drops)
    {
        var builder = WebApplication.CreateBuilder();
        builder.Logging.ClearProviders();
        configure(builder);
        var app = builder.Build();
        app.MapGet("/dapr/subscribe", () => new[] { new { pubsubname = Topics.PubSub, topic, route = "/got", deadLetterTopic = Topics.DeadLetters } });
        app.MapPost("/got", (JsonElement envelope) =>
        {
            if (Interlocked.Decrement(ref drops) >= 0)
            {
                return new { status = "DROP" };
            }

            seen.Add(WorkflowEvent.TryRead(envelope, out var read, out var error) ? read : throw new JsonException(error));
            return new { status = "SUCCESS" };
        });
        return app;
    }
}
