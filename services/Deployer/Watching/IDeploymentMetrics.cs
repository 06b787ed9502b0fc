using Azure.Core;

namespace MLEvents.Deployer.Watching;

/// <summary>Reads the metrics of a deployment.</summary>
internal interface IDeploymentMetrics
{
    /// <summary>The average of a metric over a span of time; null if it has no values.</summary>
    /// <exception cref="MLEvents.AzureML.Errors.AzureException">Azure refused the call, or could not be reached.</exception>
    Task<double?> AverageAsync(DeploymentSpan span, string metric, CancellationToken cancellationToken);

    /// <summary>The requests that a deployment answered in a span of time; null if there are no values.</summary>
    /// <exception cref="MLEvents.AzureML.Errors.AzureException">Azure refused the call, or could not be reached.</exception>
    Task<RequestCounts?> CountRequestsAsync(DeploymentSpan span, CancellationToken cancellationToken);
}

/// <summary>A deployment and a span of time.</summary>
/// <param name="Workspace">The workspace.</param>
/// <param name="Endpoint">The endpoint.</param>
/// <param name="Deployment">The deployment.</param>
/// <param name="From">The begin of the span.</param>
/// <param name="To">The end of the span.</param>
internal sealed record DeploymentSpan(ResourceIdentifier Workspace, string Endpoint, string Deployment, DateTimeOffset From, DateTimeOffset To);

/// <summary>How many requests a deployment answered.</summary>
/// <param name="All">All of them.</param>
/// <param name="Failed">Those that ended with status 424, which Azure ML answers when the model fails, or with 5xx.</param>
internal sealed record RequestCounts(double All, double Failed)
{
    /// <summary>The share of the failed ones in percent.</summary>
    public double FailedPercent => All == 0 ? 0 : Failed * 100 / All;
}
