using System.Globalization;

using MLEvents.AzureML.Errors;
using MLEvents.AzureML.Models;
using MLEvents.Deployer.Traffic;
using MLEvents.Events;

namespace MLEvents.Deployer.Steps;

/// <summary>Describes the metrics of the new model and of the model in service, for the people who approve the roll-out.</summary>
internal sealed class ModelEvidence(IModelVersions models, ModelMetricReader metricReader, ServingModelReader inService, EndpointTraffic traffic)
{
    /// <summary>
    /// Returns an entry for each metric that the rule names in <c>model.metrics</c>. If a call to Azure fails, the entry <c>metrics</c> contains the reason, and the approval is requested
    /// without the metrics. The result is empty if the rule names no metrics or Azure does not have the model version.
    /// </summary>
    public async Task<IReadOnlyDictionary<string, string>> ReadAsync(RolloutPlan plan, CancellationToken cancellationToken)
    {
        var evidence = new Dictionary<string, string>();
        if (plan.Gate?.Metrics is not { Count: > 0 } metrics)
        {
            return evidence;
        }

        try
        {
            if (await models.GetAsync(plan.ModelContainer, plan.Model, plan.Version, cancellationToken) is not { } model)
            {
                return evidence;
            }

            var own = await metricReader.ReadAsync(plan, model, metrics, cancellationToken);
            var current = await inService.FindAsync(plan, metrics, await traffic.FindAsync(plan, cancellationToken), cancellationToken);
            foreach (var metric in metrics)
            {
                evidence[$"metric {metric.Name}"] = Describe(metric.Name, own, current);
            }

            return evidence;
        }
        catch (AzureException exception)
        {
            return new Dictionary<string, string> { ["metrics"] = $"not known: {Redaction.Bound(exception.ToText())}" };
        }
    }

    private static string Describe(string metric, IReadOnlyDictionary<string, double> own, MeasuredModel? current)
    {
        var value = own.TryGetValue(metric, out var number) ? number.ToString(CultureInfo.InvariantCulture) : "not known";
        return current is null ? value
            : current.Values.TryGetValue(metric, out var reference) ? string.Create(CultureInfo.InvariantCulture, $"{value}; model in service ({current.Name}): {reference}")
            : $"{value}; model in service ({current.Name}): not known";
    }
}
