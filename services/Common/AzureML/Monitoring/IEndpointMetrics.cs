using Azure.Core;

using MLEvents.AzureML.Errors;

namespace MLEvents.AzureML.Monitoring;

/// <summary>Azure Monitor's metrics of online endpoints and deployments (the operation <c>Metrics_List</c>).</summary>
public interface IEndpointMetrics
{
    /// <summary>Reads metrics. A metric without data has no series, or series without points. Azure reports values one to three minutes late.</summary>
    /// <param name="workspace">ARM id of the workspace.</param>
    /// <param name="endpoint">The endpoint.</param>
    /// <param name="deployment">
    /// <see langword="null"/> for the metrics of the endpoint (<c>RequestLatency_P95</c>, <c>RequestsPerMinute</c>, which have the dimension <c>deployment</c>);
    /// a name for the metrics of a deployment's instances (<c>CpuUtilizationPercentage</c>).
    /// </param>
    /// <param name="query">The metrics and the time span.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <exception cref="ArgumentException">The query has no metric, an empty time span, or a dimension whose name has other characters than letters and digits.</exception>
    /// <exception cref="AzureException">Azure refused the call or one of the metrics, or was not reachable.</exception>
    Task<IReadOnlyList<MetricSeries>> ReadAsync(ResourceIdentifier workspace, string endpoint, string? deployment, MetricsQuery query, CancellationToken cancellationToken);
}

/// <summary>A query for metrics.</summary>
/// <param name="Metrics">The names of the metrics in the REST API, 1 to 20.</param>
/// <param name="From">The start of the time span, inclusive.</param>
/// <param name="To">The end of the time span, exclusive.</param>
public sealed record MetricsQuery(IReadOnlyList<string> Metrics, DateTimeOffset From, DateTimeOffset To)
{
    /// <summary>The interval of one point, at least 1 minute. Default 1 minute, the smallest interval of the metrics of online endpoints.</summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>The values that the points have. Default all five.</summary>
    public IReadOnlyList<MetricAggregation> Aggregations { get; init; } = Enum.GetValues<MetricAggregation>();

    /// <summary>The dimensions of the query, by name: a value selects this value, and <c>*</c> returns one series for each value. Default none: one series over all values.</summary>
    public IReadOnlyDictionary<string, string> Dimensions { get; init; } = new Dictionary<string, string>();
}

/// <summary>How the values within an interval are combined.</summary>
public enum MetricAggregation
{
    /// <summary>The mean of the values.</summary>
    Average,

    /// <summary>The smallest value.</summary>
    Minimum,

    /// <summary>The largest value.</summary>
    Maximum,

    /// <summary>The sum of the values.</summary>
    Total,

    /// <summary>The number of values.</summary>
    Count,
}

/// <summary>The values of a metric over time.</summary>
/// <param name="Metric">The metric's name in the REST API.</param>
/// <param name="Unit">The unit, for instance <c>MilliSeconds</c>, <c>Count</c> or <c>Percent</c>.</param>
/// <param name="Dimensions">Dimension name to value, possibly empty. The names are in lower case.</param>
/// <param name="Points">The points, oldest first. A point without data has no values.</param>
public sealed record MetricSeries(string Metric, string Unit, IReadOnlyDictionary<string, string> Dimensions, IReadOnlyList<MetricPoint> Points);

/// <summary>The values of one interval. A value that was not requested, or for which there is no data, is <see langword="null"/>.</summary>
/// <param name="Time">The start of the interval.</param>
/// <param name="Average">The mean.</param>
/// <param name="Minimum">The smallest value.</param>
/// <param name="Maximum">The largest value.</param>
/// <param name="Total">The sum.</param>
/// <param name="Count">The number of values.</param>
public sealed record MetricPoint(DateTimeOffset Time, double? Average, double? Minimum, double? Maximum, double? Total, double? Count)
{
    /// <summary>The value of an aggregation.</summary>
    public double? this[MetricAggregation aggregation] => aggregation switch
    {
        MetricAggregation.Average => Average,
        MetricAggregation.Minimum => Minimum,
        MetricAggregation.Maximum => Maximum,
        MetricAggregation.Total => Total,
        _ => Count,
    };
}
