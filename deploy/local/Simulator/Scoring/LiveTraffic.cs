using System.Collections.Concurrent;

using MLEvents.Local.Simulator.Storage;

namespace MLEvents.Local.Simulator.Scoring;

/// <summary>Sends scoring requests to endpoints at a set rate, as callers of a real endpoint would, so that the metrics have values.</summary>
internal sealed class LiveTraffic(ScoringServer server, Journal journal, TimeProvider time) : BackgroundService
{
    private const string Kind = "live-traffic";
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(100);
    private readonly ConcurrentDictionary<string, double> _rates = new(
        journal.Restored<StoredRate>(Kind).Select(found => KeyValuePair.Create(found.Endpoint, found.RequestsPerMinute)), StringComparer.OrdinalIgnoreCase);

    /// <summary>Sets the number of requests per minute to an endpoint; 0 stops the requests.</summary>
    public void Set(string endpoint, double requestsPerMinute) => journal.Commit(() =>
    {
        _rates[endpoint] = requestsPerMinute;
        journal.Put(Kind, endpoint.ToUpperInvariant(), new StoredRate(endpoint, requestsPerMinute));
    });

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Tick, time);
        var due = new Dictionary<string, double>(StringComparer.OrdinalIgnoreCase);
        var last = time.GetTimestamp();
        while (await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false))
        {
            var elapsed = time.GetElapsedTime(last);
            last = time.GetTimestamp();
            foreach (var (endpoint, rate) in _rates)
            {
                due[endpoint] = Send(endpoint, due.GetValueOrDefault(endpoint) + (rate * elapsed.TotalMinutes));
            }
        }
    }

    private double Send(string endpoint, double due)
    {
        for (; due >= 1; due--)
        {
            server.Serve(endpoint, null);
        }

        return due;
    }

    internal sealed record StoredRate(string Endpoint, double RequestsPerMinute);
}
