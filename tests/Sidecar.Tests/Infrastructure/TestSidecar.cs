using System.Globalization;
using System.Net;

using Dapr.Client;

using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Testing;

using MLEvents.Local.Sidecar.Configuration;

namespace MLEvents.Local.Sidecar.Tests.Infrastructure;

/// <summary>A sidecar with its resources and its data in a folder of the test.</summary>
internal sealed class TestSidecar : IAsyncDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(5);
    private readonly SidecarHost _host;
    private readonly FakeLoggerProvider _logs;

    private TestSidecar(SidecarHost host, FakeLoggerProvider logs)
    {
        _host = host;
        _logs = logs;
        Http = new HttpClient { BaseAddress = host.HttpAddress };
        Dapr = new DaprClientBuilder().UseHttpEndpoint(host.HttpAddress.ToString()).UseGrpcEndpoint(host.GrpcAddress.ToString()).Build();
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

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
        foreach (var file in Files(resources))
        {
            options.ResourcesPaths.Add(folder.Write($"{Guid.NewGuid():N}.yaml", file));
        }

        configure?.Invoke(options);
        return new TestSidecar(await SidecarHost.StartAsync(options, TestContext.Current.CancellationToken), logs);
    }

    public async Task WaitUntilReadyAsync()
    {
        await Poll.UntilAsync(HealthAsync, status => status == HttpStatusCode.NoContent, Token, Interval, Deadline);

        async Task<HttpStatusCode> HealthAsync(CancellationToken cancellationToken)
        {
            using var answer = await Http.GetAsync(new Uri("/v1.0/healthz", UriKind.Relative), cancellationToken);
            return answer.StatusCode;
        }
    }

    /// <summary>Waits for a log message.</summary>
    public Task WaitForLogAsync(string part) =>
        Poll.UntilAsync(() => Logs.Any(log => log.Message.Contains(part, StringComparison.Ordinal)), Token, Interval, Deadline);

    /// <summary>Waits until no message waits in the brokers and exactly the given number of messages is in flight.</summary>
    public Task WaitForIdleAsync(int inFlight = 0) => Poll.UntilAsync(
        cancellationToken => Http.GetStringAsync(new Uri("/metrics", UriKind.Relative), cancellationToken),
        metrics => Sum(metrics, "sidecar_backlog_waiting") == 0 && Sum(metrics, "sidecar_backlog_in_flight") == inFlight,
        Token,
        Interval,
        Deadline);

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        Dapr.Dispose();
        await _host.DisposeAsync();
        _logs.Dispose();
    }

    /// <summary>Splits resources into files, because a Resiliency resource must be the only document of its file.</summary>
    private static IEnumerable<string> Files(string resources)
    {
        var documents = resources.Split("---\n").ToLookup(document => document.Contains("kind: Resiliency", StringComparison.Ordinal));
        return [.. documents[true], string.Join("---\n", documents[false])];
    }

    private static long Sum(string metrics, string series) => metrics.Split('\n')
        .Where(line => line.StartsWith(series, StringComparison.Ordinal) && !line.Contains("group=\"\"", StringComparison.Ordinal))
        .Sum(line => long.Parse(line.Split(' ')[^1], CultureInfo.InvariantCulture));
}
