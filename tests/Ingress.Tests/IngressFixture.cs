using System.Collections.Concurrent;
using System.Text.Json;

using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

using MLEvents.Events;
using MLEvents.Local.Sidecar;
using MLEvents.Local.Sidecar.Configuration;
using MLEvents.Tests.Common;

namespace MLEvents.Ingress.Tests;

/// <summary>The ingress with an embedded sidecar. An app with a second sidecar subscribes to every topic of the ingress. Input and output use HTTP.</summary>
internal sealed class IngressFixture : IAsyncDisposable
{
    public const string Key = "a-key-for-tests-only";
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(20);
    private static readonly string[] AllTopics =
    [
        Topics.ModelRegistered, Topics.ModelDeployed, Topics.RunCompleted, Topics.RunStatusChanged, Topics.DatasetDriftDetected, Topics.OtherEvents, Topics.Quarantine,
    ];

    private readonly string _folder = Directory.CreateTempSubdirectory("mlevents-ingress-").FullName;
    private readonly BlockingCollection<(string Topic, JsonElement Envelope)> _delivered = [];
    private readonly List<IAsyncDisposable> _parts = [];
    private RunningService? _ingress;

    public HttpClient Client => Ingress.Client;

    public RunningService Ingress => _ingress ?? throw new InvalidOperationException("The fixture is not started.");

    public static async Task<IngressFixture> StartAsync(CancellationToken cancellationToken, params (string Key, string? Value)[] settings)
    {
        var fixture = new IngressFixture();
        await fixture.StartAsync(settings, cancellationToken);
        return fixture;
    }

    /// <summary>Posts a body as Event Grid does.</summary>
    public async Task<HttpResponseMessage> PostAsync(string body, CancellationToken cancellationToken, string contentType = "application/json; charset=utf-8", params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/events?code=" + Key) { Content = new StringContent(body) };
        request.Content.Headers.Remove("Content-Type");
        request.Content.Headers.TryAddWithoutValidation("Content-Type", contentType);
        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        return await Client.SendAsync(request, cancellationToken);
    }

    /// <summary>Waits up to 20 s for the next message of the subscriber.</summary>
    /// <exception cref="TimeoutException">No message arrived.</exception>
    public (string Topic, JsonElement Envelope) Next(CancellationToken cancellationToken) =>
        _delivered.TryTake(out var message, (int)Deadline.TotalMilliseconds, cancellationToken)
            ? message
            : throw new TimeoutException($"No message arrived within {Deadline.TotalSeconds} s.");

    /// <summary>Whether a message has arrived that the test has not read.</summary>
    public bool HasMore => _delivered.Count > 0;

    public async ValueTask DisposeAsync()
    {
        if (_ingress is not null)
        {
            await _ingress.DisposeAsync();
        }

        foreach (var part in Enumerable.Reverse(_parts))
        {
            await part.DisposeAsync();
        }

        _delivered.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private async Task StartAsync(IEnumerable<(string Key, string? Value)> settings, CancellationToken cancellationToken)
    {
        await File.WriteAllTextAsync(Path.Combine(_folder, "pubsub.yaml"), """
            apiVersion: dapr.io/v1alpha1
            kind: Component
            metadata:
              name: pubsub
            spec:
              type: pubsub.embedded
              version: v1
              metadata:
                - name: connectionString
                  value: broker.db
            """, cancellationToken);

        var subscriber = await StartSubscriberAsync(cancellationToken);
        await StartSidecarAsync("subscriber", new Uri(subscriber.Urls.Single()).Port, cancellationToken);
        var sidecar = await StartSidecarAsync("ingress", appPort: null, cancellationToken);
        _ingress = await RunningService.StartAsync(
            configure => IngressService.Create([], configure),
            [
                .. settings.Any(setting => setting.Key == "Ingress:Keys:0" || setting.Key.StartsWith("Ingress:Senders", StringComparison.Ordinal)) ? [] : new KeyValuePair<string, string?>[] { new("Ingress:Keys:0", Key) },
                new("DAPR_HTTP_ENDPOINT", sidecar.HttpAddress.ToString()),
                new("DAPR_GRPC_ENDPOINT", sidecar.GrpcAddress.ToString()),
                .. settings.Select(setting => new KeyValuePair<string, string?>(setting.Key, setting.Value)),
            ],
            cancellationToken);
    }

    private async Task<WebApplication> StartSubscriberAsync(CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        var app = builder.Build();
        app.Urls.Add("http://127.0.0.1:0");
        app.MapGet("/dapr/subscribe", () => AllTopics.Select(topic => new { pubsubname = Topics.PubSub, topic, route = "/got/" + topic }));
        app.MapPost("/got/{topic}", async (string topic, HttpRequest request) =>
        {
            using var document = await JsonDocument.ParseAsync(request.Body, JsonLimits.Document, request.HttpContext.RequestAborted);
            _delivered.Add((topic, document.RootElement.Clone()), CancellationToken.None);
        });
        await app.StartAsync(cancellationToken);
        _parts.Add(app);
        return app;
    }

    private async Task<SidecarHost> StartSidecarAsync(string appId, int? appPort, CancellationToken cancellationToken)
    {
        var sidecar = await SidecarHost.StartAsync(
            new SidecarOptions { AppId = appId, AppPort = appPort, HttpPort = 0, GrpcPort = 0, DataDirectory = _folder, ResourcesPaths = { _folder } },
            cancellationToken);
        _parts.Add(sidecar);
        return sidecar;
    }
}
