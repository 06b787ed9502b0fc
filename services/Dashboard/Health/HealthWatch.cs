using System.Collections.Concurrent;
using System.Text.Json;

using Microsoft.Extensions.Options;

using MLEvents.Dashboard.History;
using MLEvents.Events;

namespace MLEvents.Dashboard.Health;

/// <summary>Reads the health of the services and the backlog of the broker in the background, so that a page never waits for a service that does not answer.</summary>
internal sealed class HealthWatch(
    IHttpClientFactory clients, BacklogReader backlog, HistorySignal signal, DashboardStart start, IOptions<DashboardOptions> options, TimeProvider time) : BackgroundService
{
    /// <summary>The name of the HTTP client.</summary>
    public const string Client = "health";

    private readonly ConcurrentDictionary<string, ServiceHealth> _current = new(StringComparer.OrdinalIgnoreCase);
    private volatile BrokerBacklog _backlog = new([], "It has not been read yet.");
    private string _reported = "";
    private long _version;

    /// <summary>The health of each service.</summary>
    public IReadOnlyList<ServiceHealth> Current => [.. options.Value.Services.Keys.Select(service => _current.GetValueOrDefault(service) ?? new(service, "Unknown", [], "not read yet"))];

    /// <summary>The backlog of the broker.</summary>
    public BrokerBacklog Backlog => _backlog;

    /// <summary>Increases whenever the health of a service or the backlog has changed.</summary>
    public long Version => Interlocked.Read(ref _version);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await start.Begun.WaitAsync(stoppingToken);
        using var timer = new PeriodicTimer(options.Value.HealthInterval, time);
        do
        {
            await Task.WhenAll(options.Value.Services.Select(service => ReadAsync(service.Key, service.Value, stoppingToken)).Append(CountAsync(stoppingToken)));
            ReportChange();
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private async Task CountAsync(CancellationToken cancellationToken) => _backlog = await backlog.ReadAsync(cancellationToken);

    private void ReportChange()
    {
        var now = JsonSerializer.Serialize(new WatchedHealth(Current, Backlog), DashboardJson.Default.WatchedHealth);
        if (now != _reported)
        {
            _reported = now;
            Interlocked.Increment(ref _version);
            signal.Raise();
        }
    }

    private async Task ReadAsync(string service, Uri address, CancellationToken cancellationToken)
    {
        using var http = clients.CreateClient(Client);
        try
        {
            using var response = await http.GetAsync(new Uri(address, "/health"), cancellationToken);
            using var document = JsonDocument.Parse(await response.Content.ReadAsByteArrayAsync(cancellationToken));
            _current[service] = From(service, document.RootElement);
        }
        catch (JsonException exception)
        {
            _current[service] = new(service, "Unknown", [], $"{address} answered without JSON: {exception.Message}");
        }
        catch (Exception exception) when (exception is HttpRequestException || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            _current[service] = new(service, "Unreachable", [], $"{address} does not answer: {exception.Message}");
        }
    }

    private static ServiceHealth From(string service, JsonElement report)
    {
        var checks = JsonText.TryMember(report, "checks", out var all) && all.ValueKind == JsonValueKind.Object ? all.EnumerateObject().Select(CheckOf).ToList() : [];
        return new(service, JsonText.Text(report, "status") ?? "Unknown", [.. checks.OrderBy(check => check.Status == "Healthy")]);
    }

    private static HealthCheckView CheckOf(JsonProperty check)
    {
        var status = JsonText.Text(check.Value, "status") ?? "Unknown";
        return new(check.Name, status, JsonText.Text(check.Value, "description") ?? status);
    }
}

/// <summary>The health of all services and the backlog, as one value that can be compared.</summary>
/// <param name="Services">The health of each service.</param>
/// <param name="Backlog">The backlog of the broker.</param>
internal sealed record WatchedHealth(IReadOnlyList<ServiceHealth> Services, BrokerBacklog Backlog);
