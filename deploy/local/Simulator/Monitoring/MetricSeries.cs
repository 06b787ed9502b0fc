using System.Globalization;
using System.Text.Json.Nodes;

using MLEvents.Local.Simulator.Scoring;

namespace MLEvents.Local.Simulator.Monitoring;

/// <summary>Creates the series of one metric from scoring requests.</summary>
internal sealed class MetricSeries(Metric metric, MetricsQuery query)
{
    /// <summary>Returns the series of the requests: one series for each combination of values of the dimensions that the filter names.</summary>
    public IEnumerable<JsonObject> FromRequests(IEnumerable<ServedRequest> requests) => requests
        .Where(request => query.Filter.All(condition => condition.Value == "*" || condition.Value.Equals(Dimension(request, condition.Name), StringComparison.OrdinalIgnoreCase)))
        .GroupBy(request => string.Join('\n', query.Filter.Select(condition => Dimension(request, condition.Name))), StringComparer.OrdinalIgnoreCase)
        .Select(group => Series(
            query.Filter.Select(condition => (condition.Name, Dimension(group.First(), condition.Name))),
            group.GroupBy(request => Start(request.Time)).OrderBy(bucket => bucket.Key).Select(bucket => Point(bucket.Key, Values(bucket)))));

    /// <summary>A series with the same value in each interval, from the start of the query or from <paramref name="since"/>, whichever is later.</summary>
    public JsonObject Constant(IEnumerable<(string Name, string Value)> dimensions, double value, DateTimeOffset since)
    {
        var points = new List<JsonObject>();
        for (var start = Start(query.From > since ? query.From : since); start < query.To; start += query.Interval)
        {
            points.Add(Point(start, [value]));
        }

        return Series(dimensions, points);
    }

    private static string Dimension(ServedRequest request, string name) => name.ToUpperInvariant() switch
    {
        "DEPLOYMENT" => request.Deployment,
        "STATUSCODECLASS" => $"{request.Status / 100}xx",
        _ => request.Status.ToString(CultureInfo.InvariantCulture),
    };

    private static JsonObject Series(IEnumerable<(string Name, string Value)> dimensions, IEnumerable<JsonObject> points) => new()
    {
        ["metadatavalues"] = new JsonArray([.. dimensions.Select(dimension => new JsonObject
        {
            ["name"] = new JsonObject { ["value"] = dimension.Name.ToLowerInvariant(), ["localizedValue"] = dimension.Name.ToLowerInvariant() },
            ["value"] = dimension.Value,
        })]),
        ["data"] = new JsonArray([.. points]),
    };

    // For a count of requests, an interval has one value for each minute that has requests.
    private List<double> Values(IEnumerable<ServedRequest> requests) => metric switch
    {
        { Kind: MetricKind.Requests } => [.. requests.CountBy(request => request.Time.ToUnixTimeSeconds() / 60).Select(minute => (double)minute.Value)],
        { Parameter: > 0 } => [Percentile([.. requests.Select(request => request.Latency.TotalMilliseconds).Order()])],
        _ => [.. requests.Select(request => request.Latency.TotalMilliseconds)],
    };

    private double Percentile(List<double> sorted) => sorted[Math.Max(0, (int)Math.Ceiling(metric.Parameter / 100 * sorted.Count) - 1)];

    private DateTimeOffset Start(DateTimeOffset time) => new(time.UtcTicks - (time.UtcTicks % query.Interval.Ticks), TimeSpan.Zero);

    private JsonObject Point(DateTimeOffset start, List<double> values)
    {
        var point = new JsonObject { ["timeStamp"] = start.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture) };
        foreach (var aggregation in query.Aggregations)
        {
            point[aggregation] = aggregation switch
            {
                "minimum" => values.Min(),
                "maximum" => values.Max(),
                "total" => values.Sum(),
                "count" => values.Count,
                _ => values.Average(),
            };
        }

        return point;
    }
}
