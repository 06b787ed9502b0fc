using System.Collections.Concurrent;
using System.Text;

using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace MLEvents.Tests.Common;

/// <summary>An OpenTelemetry collector on a free loopback port that accepts all signals over HTTP and records them.</summary>
public sealed class TelemetryCollector : IAsyncDisposable
{
    private readonly ConcurrentQueue<string> _exported;
    private readonly RunningService _service;

    private TelemetryCollector(RunningService service, ConcurrentQueue<string> exported) => (_service, _exported) = (service, exported);

    /// <summary>The bodies of all requests so far, decoded as UTF-8.</summary>
    public IReadOnlyCollection<string> Exported => _exported;

    /// <summary>The settings, or environment variables, that make a service export to this collector.</summary>
    public IReadOnlyDictionary<string, string> Settings => new Dictionary<string, string>
    {
        ["OTEL_EXPORTER_OTLP_ENDPOINT"] = $"{_service.Client.BaseAddress}",
        ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf",
    };

    /// <summary>Starts a collector.</summary>
    public static async Task<TelemetryCollector> StartAsync(CancellationToken cancellationToken)
    {
        var exported = new ConcurrentQueue<string>();
        return new(await RunningService.StartAsync(configure => Create(configure, exported), [], cancellationToken), exported);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _service.DisposeAsync();

    private static WebApplication Create(Action<WebApplicationBuilder> configure, ConcurrentQueue<string> exported)
    {
        var builder = WebApplication.CreateBuilder();
        configure(builder);
        var app = builder.Build();
        app.MapPost("/v1/{signal}", async (HttpRequest request) =>
        {
            using var body = new MemoryStream();
            await request.Body.CopyToAsync(body, request.HttpContext.RequestAborted);
            exported.Enqueue(Encoding.UTF8.GetString(body.ToArray()));
            return Results.Bytes([], "application/x-protobuf");
        });
        return app;
    }
}
