using MLEvents.Local.Simulator.Primitives;

namespace MLEvents.Local.Simulator.Scoring;

/// <summary>A scoring request that a deployment answered.</summary>
/// <param name="Deployment">The deployment's name.</param>
/// <param name="Time">When the request arrived.</param>
/// <param name="Status">The status code of the response.</param>
/// <param name="Latency">The time until the response.</param>
internal sealed record ServedRequest(string Deployment, DateTimeOffset Time, int Status, TimeSpan Latency);

/// <summary>The latest 100,000 scoring requests of each endpoint. The metrics are calculated from these requests. The requests are not restored after a restart.</summary>
internal sealed class RequestLog
{
    private const int MaxRequests = 100_000;
    private readonly Lock _gate = new();
    private readonly Dictionary<string, BoundedQueue<ServedRequest>> _requests = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Adds a request.</summary>
    public void Add(string endpoint, ServedRequest request)
    {
        lock (_gate)
        {
            if (!_requests.TryGetValue(endpoint, out var served))
            {
                _requests[endpoint] = served = new(MaxRequests, long.MaxValue, _ => 0);
            }

            served.Add(request);
        }
    }

    /// <summary>The requests of an endpoint at or after <paramref name="from"/> and before <paramref name="to"/>.</summary>
    public IReadOnlyList<ServedRequest> Read(string endpoint, DateTimeOffset from, DateTimeOffset to)
    {
        lock (_gate)
        {
            return _requests.TryGetValue(endpoint, out var served) ? [.. served.Items.Where(request => request.Time >= from && request.Time < to)] : [];
        }
    }
}
