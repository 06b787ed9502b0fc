using System.Globalization;

using MLEvents.AzureML.Jobs;
using MLEvents.AzureML.Models;
using MLEvents.AzureML.Tracking;
using MLEvents.Rules.Rollouts;

namespace MLEvents.Deployer.Steps;

/// <summary>Reads the metrics of a model: first from the model's own properties and tags, then from the properties and tags of its job, then from the job's MLflow metrics.</summary>
internal sealed class ModelMetricReader(IJobs jobs, IRunMetrics runs)
{
    /// <summary>The optional prefix of a metric's name in properties and tags.</summary>
    public const string Prefix = "metrics.";

    /// <summary>Reads the metrics that a rule names.</summary>
    /// <param name="plan">The roll-out.</param>
    /// <param name="model">The model.</param>
    /// <param name="metrics">The metrics.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>The values by name, without the metrics that were not found.</returns>
    public async Task<IReadOnlyDictionary<string, double>> ReadAsync(RolloutPlan plan, ModelVersion model, IReadOnlyList<ModelMetric> metrics, CancellationToken cancellationToken)
    {
        var values = new Dictionary<string, double>(StringComparer.Ordinal);
        Add(values, metrics, model.Properties);
        Add(values, metrics, model.Tags);

        // The job of a model in a registry is in the workspace that shared the model. That workspace is unknown.
        if (IsComplete(values, metrics) || model.IsInRegistry || model.JobName is not { Length: > 0 } name)
        {
            return values;
        }

        if (await jobs.GetAsync(plan.Workspace, name, cancellationToken) is { } job)
        {
            Add(values, metrics, job.OwnProperties);
            Add(values, metrics, job.Tags);
        }

        if (!IsComplete(values, metrics) && await runs.ReadAsync(plan.Workspace, name, cancellationToken) is { } logged)
        {
            Add(values, metrics, metric => logged.TryGetValue(metric, out var value) ? value : null);
        }

        return values;
    }

    private static bool IsComplete(Dictionary<string, double> values, IReadOnlyList<ModelMetric> metrics) => metrics.All(metric => values.ContainsKey(metric.Name));

    private static void Add(Dictionary<string, double> values, IReadOnlyList<ModelMetric> metrics, IReadOnlyDictionary<string, string> texts) =>
        Add(values, metrics, metric => Parse(texts.GetValueOrDefault(metric)) ?? Parse(texts.GetValueOrDefault(Prefix + metric)));

    private static void Add(Dictionary<string, double> values, IReadOnlyList<ModelMetric> metrics, Func<string, double?> read)
    {
        foreach (var name in metrics.Select(metric => metric.Name).Where(name => !values.ContainsKey(name)))
        {
            if (read(name) is { } value)
            {
                values[name] = value;
            }
        }
    }

    private static double? Parse(string? text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number) ? number : null;
}
