using Microsoft.Extensions.Options;

using MLEvents.AzureML.Errors;
using MLEvents.Rules.Rollouts;

namespace MLEvents.Deployer.Watching;

/// <summary>Evaluates the thresholds of a strategy.</summary>
internal sealed class MetricWatch(DeploymentMetrics metrics, IOptions<DeployerOptions> options)
{
    /// <summary>Evaluates all thresholds over a span of time.</summary>
    /// <param name="thresholds">The thresholds.</param>
    /// <param name="span">The new deployment, from the start of the step until now.</param>
    /// <param name="current">The deployment in service before the roll-out; null if there was none.</param>
    /// <param name="begun">When the roll-out began. The metrics of the deployment in service begin <see cref="DeployerOptions.BaselineTime"/> before this time and end now.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    public async Task<IReadOnlyList<MetricVerdict>> EvaluateAsync(
        IReadOnlyList<MetricThreshold> thresholds, DeploymentSpan span, string? current, DateTimeOffset begun, CancellationToken cancellationToken)
    {
        var verdicts = new List<MetricVerdict>();
        var baseline = current is null ? null : span with { Deployment = current, From = begun - options.Value.BaselineTime };
        foreach (var threshold in thresholds)
        {
            verdicts.Add(await EvaluateAsync(threshold, span, baseline, cancellationToken));
        }

        return verdicts;
    }

    private async Task<MetricVerdict> EvaluateAsync(MetricThreshold threshold, DeploymentSpan span, DeploymentSpan? baseline, CancellationToken cancellationToken)
    {
        try
        {
            var requests = threshold.MinRequests > 0 ? (await metrics.CountRequestsAsync(span, cancellationToken))?.All ?? 0 : 0;
            var values = await ReadAsync(threshold, span, cancellationToken);
            var current = threshold.MaxRatio is not null && baseline is not null ? (await ReadAsync(threshold, baseline, cancellationToken)).Value : null;
            return MetricVerdict.Evaluate(threshold, new MetricReading(values.Value, requests, current, baseline is not null) { ByMinute = values.ByMinute });
        }
        catch (AzureException exception)
        {
            // The rule may allow a metric without values. A metric that could not be read may have values, so it never passes.
            return new(MetricOutcome.Missing, $"{threshold.Name} could not be read: {exception.ToText()}");
        }
    }

    private async Task<MeasuredValues> ReadAsync(MetricThreshold threshold, DeploymentSpan span, CancellationToken cancellationToken) => threshold.Name == MetricThreshold.RequestErrors
        ? await metrics.CountRequestsAsync(span, cancellationToken) is { } counts ? counts.FailedPercent : new MeasuredValues(null, [])
        : await metrics.ReadAsync(span, threshold.Name, cancellationToken);
}
