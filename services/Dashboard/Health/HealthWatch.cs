using System.Collections.Concurrent;
using System.Text.Json;

using Microsoft.Extensions.Options;

using MLEvents.Events;

namespace MLEvents.Dashboard.Health;

/// <summary>Reads the health of the services in the background, so that a page never waits for a service that does not answer.</summary>
internal sealed class HealthWatch(IHttpClientFactory clients, IOptions<DashboardOptions> options, TimeProvider time) : BackgroundService
{
    /// <summary>The name of the HTTP client.</summary>
    public const string Client = "health";

    private readonly ConcurrentDictionary<string, ServiceHealth> _current = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>The health of each service that was read.</summary>
    public IReadOnlyList<ServiceHealth> Current => [.. options.Value.Services.Keys.Select(service => _current.GetValueOrDefault(service) ?? new(service, "Unknown", ["not read yet"], time.GetUtcNow()))];

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.Value.HealthInterval, time);
        do
        {
            await Task.WhenAll(options.Value.Services.Select(service => ReadAsync(service.Key, service.Value, stoppingToken)));
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
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
        catch (Exception exception) when (exception is HttpRequestException or JsonException || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            _current[service] = new(service, "Unreachable", [$"{address} does not answer: {exception.Message}"], time.GetUtcNow());
        }
    }

    private ServiceHealth From(string service, JsonElement report)
    {
        var checks = JsonText.TryMember(report, "checks", out var all) && all.ValueKind == JsonValueKind.Object ? all.EnumerateObject().ToList() : [];
        return new(
            service,
            JsonText.Text(report, "status") ?? "Unknown",
            [.. checks.OrderBy(check => JsonText.Text(check.Value, "status") == "Healthy").Select(check => $"{check.Name}: {JsonText.Text(check.Value, "description") ?? JsonText.Text(check.Value, "status")}")],
            time.GetUtcNow());
    }
}
