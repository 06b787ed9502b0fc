using Azure.Core;

using MLEvents.AzureML.Errors;

namespace MLEvents.AzureML.Monitoring;

/// <summary>Azure Monitor's metrics of online endpoints and deployments (the operation <c>Metrics_List</c>).</summary>
public interface IEndpointMetrics
{
    /// <summary>Reads metrics. A metric without data has no series, or series without points; Azure reports values one to three minutes late.</summary>
    /// <param name="workspace">ARM id of the workspace.</param>
    /// <param name="endpoint">The endpoint.</param>
    /// <param name="deployment">
    /// <see langword="null"/> for the metrics of the endpoint (<c>RequestLatency_P95</c>, <c>RequestsPerMinute</c>, which have the dimension <c>deployment</c>);
    /// a name for the metrics of a deployment's instances (<c>CpuUtilizationPercentage</c>).
    /// </param>
    /// <param name="query">The metrics and the time.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <exception cref="ArgumentException">The query has no metric, an empty time span, or a dimension whose name is not a word.</exception>
    /// <exception cref="AzureException">Azure refused the call or one of the metrics, or could not be reached.</exception>
    Task<IReadOnlyList<MetricSeries>> ReadAsync(ResourceIdentifier workspace, string endpoint, string? deployment, MetricsQuery query, CancellationToken cancellationToken);
}

/// <summary>Which metrics to read.</summary>
/// <param name="Metrics">Their names in the REST API, 1 to 20.</param>
/// <param name="From">Start of the time span, inclusive.</param>
/// <param name="To">End of the time span, exclusive.</param>
public sealed record MetricsQuery(IReadOnlyList<string> Metrics, DateTimeOffset From, DateTimeOffset To)
{
    /// <summary>The time of one point, at least 1 minute. Default 1 minute, the grain of the metrics of online endpoints.</summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Which values the points have. Default all five.</summary>
    public IReadOnlyList<MetricAggregation> Aggregations { get; init; } = Enum.GetValues<MetricAggregation>();

    /// <summary>Dimension name to the value to select, or <c>*</c> for one series of each value. Default none: one series over all values.</summary>
    public IReadOnlyDictionary<string, string> Dimensions { get; init; } = new Dictionary<string, string>();
}

/// <summary>How the values within an interval become one.</summary>
public enum MetricAggregation
{
    /// <summary>Their mean.</summary>
    Average,

    /// <summary>The least.</summary>
    Minimum,

    /// <summary>The greatest.</summary>
    Maximum,

    /// <summary>Their sum.</summary>
    Total,

    /// <summary>Their number.</summary>
    Count,
}

/// <summary>The values of a metric over time.</summary>
/// <param name="Metric">The metric's name in the REST API.</param>
/// <param name="Unit">The unit, for example <c>MilliSeconds</c>, <c>Count</c> or <c>Percent</c>.</param>
/// <param name="Dimensions">Dimension name to value, names in lower case as Azure writes them; possibly empty.</param>
/// <param name="Points">The points, oldest first. A point without data has no values.</param>
public sealed record MetricSeries(string Metric, string Unit, IReadOnlyDictionary<string, string> Dimensions, IReadOnlyList<MetricPoint> Points);

/// <summary>The values of one interval; those that were not asked for, or for which there is no data, are <see langword="null"/>.</summary>
/// <param name="Time">Start of the interval.</param>
/// <param name="Average">The mean.</param>
/// <param name="Minimum">The least value.</param>
/// <param name="Maximum">The greatest value.</param>
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
