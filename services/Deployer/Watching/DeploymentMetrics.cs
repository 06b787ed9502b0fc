using Azure.Core;

using MLEvents.AzureML.Errors;
using MLEvents.AzureML.Monitoring;

namespace MLEvents.Deployer.Watching;

/// <summary>Reads the metrics of one deployment: the endpoint's metrics by deployment, and the metrics of its instances.</summary>
internal sealed class DeploymentMetrics(IEndpointMetrics metrics)
{
    private const string RequestsPerMinute = "RequestsPerMinute";
    private const string DeploymentDimension = "deployment";
    private const string StatusDimension = "statusCode";

    // Azure's responses contain the names of dimensions in lower case.
    private const string AnsweredStatus = "statuscode";
    private const string ModelFailed = "424";

    /// <summary>The average of a metric over a span of time; null if it has no values.</summary>
    /// <exception cref="AzureException">Azure refused the call, or could not be reached.</exception>
    public async Task<double?> AverageAsync(DeploymentSpan span, string metric, CancellationToken cancellationToken)
    {
        var isOfEndpoint = metric.StartsWith("Request", StringComparison.Ordinal);
        var query = new MetricsQuery([metric], span.From, span.To) { Aggregations = [MetricAggregation.Average] };
        var series = await metrics.ReadAsync(
            span.Workspace,
            span.Endpoint,
            isOfEndpoint ? null : span.Deployment,
            isOfEndpoint ? query with { Dimensions = new Dictionary<string, string> { [DeploymentDimension] = span.Deployment } } : query,
            cancellationToken);
        var values = series.SelectMany(one => one.Points).Select(point => point.Average).OfType<double>().ToList();
        return values.Count == 0 ? null : values.Average();
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

        // The average of a minute is the number of requests in this minute.
        var counts = series.Select(one => (Status: one.Dimensions.GetValueOrDefault(AnsweredStatus, ""), Requests: one.Points.Sum(point => point.Average ?? 0))).ToList();
        return series.All(one => one.Points.All(point => point.Average is null))
            ? null
            : new RequestCounts(counts.Sum(count => count.Requests), counts.Where(count => IsFailure(count.Status)).Sum(count => count.Requests));
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

/// <summary>The number of requests that a deployment answered.</summary>
/// <param name="All">All requests.</param>
/// <param name="Failed">The requests that ended with 5xx, or with status 424, with which Azure ML reports a failed model.</param>
internal sealed record RequestCounts(double All, double Failed)
{
    /// <summary>The share of failed requests in percent.</summary>
    public double FailedPercent => All == 0 ? 0 : Failed * 100 / All;
}
