using System.Text.Json;

using Microsoft.AspNetCore.Builder;

using MLEvents.Events;
using MLEvents.Local.Sidecar;
using MLEvents.Local.Sidecar.Configuration;
using MLEvents.Tests.Common;
using MLEvents.Tests.Services;

namespace MLEvents.Dashboard.Tests.Explaining;

/// <summary>An app with its own sidecar. It collects the rules that services publish.</summary>
internal sealed class Subscriber : IAsyncDisposable
{
    private readonly RunningService _app;
    private readonly SidecarHost _sidecar;

    private Subscriber(RunningService app, SidecarHost sidecar) => (_app, _sidecar) = (app, sidecar);

    public static async Task<Subscriber> StartAsync(ServiceFixture beside, ObservedItems<JsonElement> rules, CancellationToken cancellationToken)
    {
        var app = await RunningService.StartAsync(configure => Create(configure, rules), [], cancellationToken);
        var options = new SidecarOptions { AppId = "subscriber", AppPort = app.Client.BaseAddress?.Port, HttpPort = 0, GrpcPort = 0, ApiToken = SidecarTokens.Dapr, AppApiToken = SidecarTokens.App, DataDirectory = Path.Combine(beside.Folder.Path, "data") };
        options.ResourcesPaths.Add(Path.Combine(beside.Folder.Path, "components"));
        return new(app, await SidecarHost.StartAsync(options, cancellationToken));
    }

    public async ValueTask DisposeAsync()
    {
        await _sidecar.DisposeAsync();
        await _app.DisposeAsync();
    }

    private static WebApplication Create(Action<WebApplicationBuilder> configure, ObservedItems<JsonElement> rules)
    {
        var builder = WebApplication.CreateBuilder();
        configure(builder);
        var app = builder.Build();
        app.MapGet("/dapr/subscribe", () => new[] { new { pubsubname = Topics.PubSub, topic = Topics.WorkflowActivity, route = "/activity" } });
        app.MapPost("/activity", (JsonElement envelope) =>
        {
            if (envelope.GetProperty("type").GetString() == EventTypes.RulesLoaded)
            {
                rules.Add(envelope.GetProperty("data").Clone());
            }
        });
        return app;
    }
}
