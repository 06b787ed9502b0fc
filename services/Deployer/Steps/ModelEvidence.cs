using System.Globalization;

using MLEvents.AzureML.Errors;
using MLEvents.AzureML.Models;
using MLEvents.Deployer.Traffic;
using MLEvents.Events;

namespace MLEvents.Deployer.Steps;

/// <summary>Describes the metrics of a model beside those of the model in service, for the people who approve its roll-out.</summary>
internal sealed class ModelEvidence(IModelVersions models, ModelMetricReader metricReader, ServingModelReader inService, EndpointTraffic traffic)
{
    /// <summary>An entry for each metric that the rule names in <c>model.metrics</c>. Empty if it names none. If Azure does not answer, the entry <c>metrics</c> says why, and the question is asked without them.</summary>
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
            : current.Values.TryGetValue(metric, out var reference) ? string.Create(CultureInfo.InvariantCulture, $"{value}; {reference} of the model in service ({current.Name})")
            : $"{value}; not known of the model in service ({current.Name})";
    }
}
