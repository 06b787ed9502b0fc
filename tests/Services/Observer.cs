using System.Text.Json;

using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

using MLEvents.Events;
using MLEvents.Local.Sidecar;
using MLEvents.Local.Sidecar.Configuration;
using MLEvents.Tests.Common;

namespace MLEvents.Tests.Services;

/// <summary>An app with its own sidecar. It subscribes to the activity of the services and to the dead letters.</summary>
public sealed class Observer : IAsyncDisposable
{
    private readonly RunningService _app;
    private readonly SidecarHost _sidecar;

    private Observer(RunningService app, SidecarHost sidecar, ObservedItems<ActionChanged> activity, ObservedItems<string> deadLetters) =>
        (_app, _sidecar, Activity, DeadLetters) = (app, sidecar, activity, deadLetters);

    /// <summary>The changes of actions.</summary>
    public ObservedItems<ActionChanged> Activity { get; }

    /// <summary>The envelopes of the dead letters.</summary>
    public ObservedItems<string> DeadLetters { get; }

    /// <summary>Starts an observer.</summary>
    /// <param name="sidecar">Creates the options of the sidecar from the app id and the port.</param>
    /// <param name="cancellationToken">Cancels the start.</param>
    public static async Task<Observer> StartAsync(Func<string, int?, SidecarOptions> sidecar, CancellationToken cancellationToken)
    {
        var (activity, deadLetters) = (new ObservedItems<ActionChanged>(), new ObservedItems<string>());
        var app = await RunningService.StartAsync(configure => Create(configure, activity, deadLetters), [], cancellationToken);
        var host = await SidecarHost.StartAsync(sidecar("observer", app.Client.BaseAddress?.Port), cancellationToken);
        return new Observer(app, host, activity, deadLetters);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _sidecar.DisposeAsync();
        await _app.DisposeAsync();
    }

    private static WebApplication Create(Action<WebApplicationBuilder> configure, ObservedItems<ActionChanged> activity, ObservedItems<string> deadLetters)
    {
        var builder = WebApplication.CreateBuilder();
        builder.Logging.ClearProviders();
        configure(builder);
        var app = builder.Build();
        app.MapGet("/dapr/subscribe", () => new[] { Subscription(Topics.WorkflowActivity), Subscription(Topics.DeadLetters) });
        app.MapPost($"/{Topics.WorkflowActivity}", (JsonElement envelope) =>
        {
            if (envelope.GetProperty("type").GetString() != EventTypes.ActionChanged)
            {
                return;
            }

            var action = envelope.GetProperty("data").Deserialize<ActionChanged>(JsonSerializerOptions.Web);
            activity.Add(action ?? throw new JsonException("no action"));
        });
        app.MapPost($"/{Topics.DeadLetters}", async (HttpRequest request) =>
        {
            using var reader = new StreamReader(request.Body);
            deadLetters.Add(await reader.ReadToEndAsync(request.HttpContext.RequestAborted));
        });
        return app;
    }

    private static object Subscription(string topic) => new { pubsubname = Topics.PubSub, topic, route = $"/{topic}" };
}
