using Azure.Core;

using MLEvents.AzureML.Errors;
using MLEvents.AzureML.Monitoring;

namespace MLEvents.Deployer.Watching;

/// <summary>Reads the metrics of one deployment: the metrics of the endpoint for this deployment, and the metrics of the deployment's own instances.</summary>
internal sealed class DeploymentMetrics(IEndpointMetrics metrics)
{
    private const string RequestsPerMinute = "RequestsPerMinute";
    private const string DeploymentDimension = "deployment";
    private const string StatusDimension = "statusCode";

    // Azure's responses contain the names of dimensions in lower case.
    private const string ResponseStatusDimension = "statuscode";
    private const string ModelFailed = "424";

    /// <summary>The values of a metric by minute over a span of time, and their average.</summary>
    /// <exception cref="AzureException">Azure refused the call, or could not be reached.</exception>
    public async Task<MeasuredValues> ReadAsync(DeploymentSpan span, string metric, CancellationToken cancellationToken)
    {
        var isOfEndpoint = metric.StartsWith("Request", StringComparison.Ordinal);
        var query = new MetricsQuery([metric], span.From, span.To) { Aggregations = [MetricAggregation.Average] };
        var series = await metrics.ReadAsync(
            span.Workspace,
            span.Endpoint,
            isOfEndpoint ? null : span.Deployment,
            isOfEndpoint ? query with { Dimensions = new Dictionary<string, string> { [DeploymentDimension] = span.Deployment } } : query,
            cancellationToken);
        var values = series.SelectMany(one => one.Points).OrderBy(point => point.Time).Select(point => point.Average).OfType<double>().ToList();
        return new(values.Count == 0 ? null : values.Average(), values);
    }

    /// <summary>The requests that a deployment answered in a span of time; null if there are no values.</summary>
    /// <exception cref="AzureException">Azure refused the call, or could not be reached.</exception>
    public async Task<RequestCounts?> CountRequestsAsync(DeploymentSpan span, CancellationToken cancellationToken)
    {
        var query = new MetricsQuery([RequestsPerMinute], span.From, span.To)
        {
            Aggregations = [MetricAggregation.Average],
            Dimensions = new Dictionary<string, string> { [DeploymentDimension] = span.Deployment, [StatusDimension] = "*" },
        };
        var series = await metrics.ReadAsync(span.Workspace, span.Endpoint, deployment: null, query, cancellationToken);

        // Each value is the average of RequestsPerMinute over one minute. It equals the number of requests in this minute.
        var minutes = series
            .SelectMany(one => one.Points.Select(point => (point.Time, point.Average, IsFailed: IsFailure(one.Dimensions.GetValueOrDefault(ResponseStatusDimension, "")))))
            .Where(point => point.Average is not null)
            .GroupBy(point => point.Time)
            .OrderBy(minute => minute.Key)
            .Select(minute => new MinuteCounts(minute.Sum(point => point.Average ?? 0), minute.Where(point => point.IsFailed).Sum(point => point.Average ?? 0)))
            .ToList();
        return minutes.Count == 0 ? null : new RequestCounts(minutes);
    }

    private static bool IsFailure(string status) => status == ModelFailed || status.StartsWith('5');
}

/// <summary>A deployment and a span of time.</summary>
/// <param name="Workspace">The workspace.</param>
/// <param name="Endpoint">The endpoint.</param>
/// <param name="Deployment">The deployment.</param>
/// <param name="From">The start of the span.</param>
/// <param name="To">The end of the span, later than the start.</param>
internal sealed record DeploymentSpan(ResourceIdentifier Workspace, string Endpoint, string Deployment, DateTimeOffset From, DateTimeOffset To);

/// <summary>The values of a metric over a span of time.</summary>
/// <param name="Value">The value for the whole span; null if there are no values.</param>
/// <param name="ByMinute">One value for each minute that has a value, oldest first.</param>
internal sealed record MeasuredValues(double? Value, IReadOnlyList<double> ByMinute);

/// <summary>How many requests a deployment answered.</summary>
/// <param name="Minutes">The minutes for which Azure has a number of requests, oldest first. The number may be 0.</param>
internal sealed record RequestCounts(IReadOnlyList<MinuteCounts> Minutes)
{
    /// <summary>All requests.</summary>
    public double All => Minutes.Sum(minute => minute.All);

    /// <summary>The percentage of the requests that failed; no value if there were no requests.</summary>
    public MeasuredValues FailedPercent => new(
        All == 0 ? null : Minutes.Sum(minute => minute.Failed) * 100 / All,
        [.. Minutes.Where(minute => minute.All > 0).Select(minute => minute.Failed * 100 / minute.All)]);
}

/// <summary>How many requests a deployment answered in a minute.</summary>
/// <param name="All">The number of all requests.</param>
/// <param name="Failed">The requests that ended with 5xx, or with status 424: Azure ML answers 424 when the model fails.</param>
internal sealed record MinuteCounts(double All, double Failed);
