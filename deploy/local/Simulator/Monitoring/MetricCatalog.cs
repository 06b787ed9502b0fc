namespace MLEvents.Local.Simulator.Monitoring;

/// <summary>What a metric measures.</summary>
internal enum MetricKind
{
    /// <summary>Latency of requests.</summary>
    Latency,

    /// <summary>Number of requests.</summary>
    Requests,

    /// <summary>A gauge of the instances, such as CPU utilization, that does not depend on requests.</summary>
    Gauge,
}

/// <summary>A metric of Azure Monitor.</summary>
/// <param name="Name">The name of the metric in the REST API.</param>
/// <param name="Unit">The unit of the metric.</param>
/// <param name="Kind">The measured quantity.</param>
/// <param name="Parameter">The percentile of a latency (0 for the mean), or the value of a gauge.</param>
/// <param name="Dimensions">The dimensions of the metric.</param>
internal sealed record Metric(string Name, string Unit, MetricKind Kind, double Parameter, IReadOnlyList<string> Dimensions);

/// <summary>The metrics of online endpoints and of deployments that the simulator supports.</summary>
internal static class MetricCatalog
{
    /// <summary>The metrics of <c>workspaces/onlineEndpoints</c>.</summary>
    public static readonly IReadOnlyList<Metric> Endpoint = [.. Requests(["deployment"], ["deployment", "statusCode", "statusCodeClass", "modelStatusCode"])];

    /// <summary>The metrics of <c>workspaces/onlineEndpoints/deployments</c>.</summary>
    public static readonly IReadOnlyList<Metric> Deployment =
    [
        .. Requests([], ["envoy_response_code"]).Where(metric => metric.Parameter > 0 || metric.Kind == MetricKind.Requests),
        new("CpuUtilizationPercentage", "Percent", MetricKind.Gauge, 12, ["instanceId"]),
        new("CpuMemoryUtilizationPercentage", "Percent", MetricKind.Gauge, 30, ["instanceId"]),
        new("GpuUtilizationPercentage", "Percent", MetricKind.Gauge, 0, ["instanceId"]),
        new("GpuMemoryUtilizationPercentage", "Percent", MetricKind.Gauge, 0, ["instanceId"]),
        new("DiskUtilization", "Percent", MetricKind.Gauge, 20, ["instanceId", "disk"]),
        new("DeploymentCapacity", "Count", MetricKind.Gauge, 1, ["instanceId", "State"]),
    ];

    private static IEnumerable<Metric> Requests(IReadOnlyList<string> latency, IReadOnlyList<string> requests)
    {
        yield return new("RequestLatency", "MilliSeconds", MetricKind.Latency, 0, latency);
        foreach (var percentile in (int[])[50, 90, 95, 99])
        {
            yield return new($"RequestLatency_P{percentile}", "MilliSeconds", MetricKind.Latency, percentile, latency);
        }

        yield return new("RequestsPerMinute", "Count", MetricKind.Requests, 0, requests);
    }
}
