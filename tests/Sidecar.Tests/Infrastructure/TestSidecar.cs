using System.Globalization;
using System.Net;
using Dapr.Client;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Testing;
using MLEvents.Local.Sidecar.Configuration;

namespace MLEvents.Local.Sidecar.Tests.Infrastructure;

/// <summary>A sidecar with its own resources and data folder, gone when disposed.</summary>
internal sealed class TestSidecar : IAsyncDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(20);
    private readonly SidecarHost _host;
    private readonly FakeLoggerProvider _logs;

    private TestSidecar(SidecarHost host, FakeLoggerProvider logs)
    {
        _host = host;
        _logs = logs;
        Http = new HttpClient { BaseAddress = host.HttpAddress };
        Dapr = new DaprClientBuilder().UseHttpEndpoint(host.HttpAddress.ToString()).UseGrpcEndpoint(host.GrpcAddress.ToString()).Build();
    }

    public HttpClient Http { get; }

    public DaprClient Dapr { get; }

    public SidecarHost Host => _host;

    /// <summary>Messages logged so far.</summary>
    public IReadOnlyList<FakeLogRecord> Logs => _logs.Collector.GetSnapshot();

    /// <summary>Starts a sidecar for an app and waits until it is ready.</summary>
    public static async Task<TestSidecar> StartAsync(TempFolder folder, FakeApp? app, string resources, Action<SidecarOptions>? configure = null)
    {
        var sidecar = await StartUnreadyAsync(folder, app?.Port, resources, configure);
        await sidecar.WaitUntilReadyAsync();
        return sidecar;
    }

    public static async Task<TestSidecar> StartUnreadyAsync(TempFolder folder, int? appPort, string resources, Action<SidecarOptions>? configure = null)
    {
        var logs = new FakeLoggerProvider();
        var options = new SidecarOptions
        {
            AppId = "rec-app",
            AppPort = appPort,
            HttpPort = 0,
            GrpcPort = 0,
            DataDirectory = folder.Path,
            LogLevel = LogLevel.Debug,
            ConfigureLogging = logging => logging.AddProvider(logs),
        };
        options.ResourcesPaths.Add(folder.Write($"{Guid.NewGuid():N}.yaml", resources));
        configure?.Invoke(options);
        return new TestSidecar(await SidecarHost.StartAsync(options, TestContext.Current.CancellationToken), logs);
    }

    public async Task WaitUntilReadyAsync()
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        deadline.CancelAfter(Deadline);
        while ((await Http.GetAsync(new Uri("/v1.0/healthz", UriKind.Relative), deadline.Token)).StatusCode != HttpStatusCode.NoContent)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, deadline.Token);
        }
    }

    /// <summary>Waits for a message of the log.</summary>
    public async Task WaitForLogAsync(string part)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        deadline.CancelAfter(Deadline);
        while (!Logs.Any(log => log.Message.Contains(part, StringComparison.Ordinal)))
        {
            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, deadline.Token);
        }
    }

    /// <summary>Waits until the brokers have nothing waiting, and nothing in flight but what is named.</summary>
    public async Task WaitForIdleAsync(int inFlight = 0)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        deadline.CancelAfter(Deadline);
        while (true)
        {
            var metrics = await Http.GetStringAsync(new Uri("/metrics", UriKind.Relative), deadline.Token);
            if (Sum(metrics, "sidecar_backlog_waiting") == 0 && Sum(metrics, "sidecar_backlog_in_flight") == inFlight)
            {
                return;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, deadline.Token);
        }
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        Dapr.Dispose();
        await _host.DisposeAsync();
        _logs.Dispose();
    }

    private static long Sum(string metrics, string series) => metrics.Split('\n')
        .Where(line => line.StartsWith(series, StringComparison.Ordinal) && !line.Contains("group=\"\"", StringComparison.Ordinal))
        .Sum(line => long.Parse(line.Split(' ')[^1], CultureInfo.InvariantCulture));
}
