using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Testing;

namespace MLEvents.Tests.Common;

/// <summary>A service on a free loopback port. Disposing it fails the test if the service logged an unexpected error.</summary>
public sealed class RunningService : IAsyncDisposable
{
    private readonly FakeLoggerProvider _logs = new();
    private readonly WebApplication _app;

    private RunningService(Func<Action<WebApplicationBuilder>, WebApplication> create, IEnumerable<KeyValuePair<string, string?>> settings)
    {
        _app = create(builder =>
        {
            builder.WebHost.UseUrls("http://127.0.0.1:0");
            builder.Configuration.AddInMemoryCollection(SidecarTokens.Settings).AddInMemoryCollection(settings);
            builder.Logging.ClearProviders().AddProvider(_logs);
            builder.Services.AddSingleton<IHostLifetime, TestLifetime>();
        });
    }

    /// <summary>A client that has the address of the service as its base address. Only a failing test waits until the client's timeout.</summary>
    public HttpClient Client { get; } = new() { Timeout = TimeSpan.FromSeconds(60) };

    /// <summary>A client with the same base address that sends the sidecar's token.</summary>
    public HttpClient Sidecar { get; } = SidecarTokens.CreateClient(SidecarTokens.App);

    /// <summary>The services of the dependency injection container.</summary>
    public IServiceProvider Services => _app.Services;

    /// <summary>Everything that the service has logged so far.</summary>
    public IReadOnlyList<FakeLogRecord> Logs => _logs.Collector.GetSnapshot();

    /// <summary>Whether the test expects a logged error.</summary>
    public Func<FakeLogRecord, bool> Expected { get; set; } = _ => false;

    /// <summary>Starts a service and waits until it listens.</summary>
    public static async Task<RunningService> StartAsync(
        Func<Action<WebApplicationBuilder>, WebApplication> create,
        IEnumerable<KeyValuePair<string, string?>> settings,
        CancellationToken cancellationToken)
    {
        var service = new RunningService(create, settings);
        await service._app.StartAsync(cancellationToken);
        service.Client.BaseAddress = service.Sidecar.BaseAddress = new Uri(service._app.Urls.Single());
        return service;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        Sidecar.Dispose();

        // The app is stopped first, as a host does. A disposal without a stop would interrupt the background services, and they would log an error.
        await _app.StopAsync();
        await _app.DisposeAsync();
        var errors = _logs.Collector.GetSnapshot().Where(log => log.Level >= LogLevel.Error && !Expected(log)).ToList();
        _logs.Dispose();
        if (errors.Count > 0)
        {
            throw new InvalidOperationException("Unexpected errors were logged:\n" + string.Join('\n', errors.Select(log => $"{log} {log.Exception}")));
        }
    }

    // This lifetime handles no signals, so that a signal ends the test process. The default lifetime would stop each service in the process, but the process would continue.
    // A stopped simulator completes no operation, so the current test would fail with a timeout.
    private sealed class TestLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
