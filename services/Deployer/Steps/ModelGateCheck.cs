using System.Globalization;

using MLEvents.AzureML.Endpoints;
using MLEvents.AzureML.Models;
using MLEvents.Ledger;
using MLEvents.Rules.Rollouts;

namespace MLEvents.Deployer.Steps;

/// <summary>
/// Compares the current state of a model in Azure with the conditions of the rule. The data of the event is not sufficient, because a model may be tagged hours after its registration.
/// </summary>
internal sealed class ModelGateCheck(ModelMetricReader metricReader, ServingModelReader inService)
{
    /// <summary>Checks a model.</summary>
    /// <param name="plan">The roll-out.</param>
    /// <param name="model">The model.</param>
    /// <param name="endpoint">The endpoint; null if it does not exist yet.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>The result that ends the action; null if the model meets the conditions.</returns>
    public async Task<StepResult?> CheckAsync(RolloutPlan plan, ModelVersion model, OnlineEndpoint? endpoint, CancellationToken cancellationToken)
    {
        if (plan.Gate is not { } gate)
        {
            return null;
        }

        var refusal = FindDifference("tag", gate.Tags, model.Tags) ?? FindDifference("property", gate.Properties, model.Properties)
            ?? (gate.Stages.Count == 0 || gate.Stages.Contains(model.Stage ?? "", StringComparer.OrdinalIgnoreCase) ? null : $"is in stage '{model.Stage ?? ""}', and the rule asks for {string.Join(" or ", gate.Stages)}");
        return refusal is not null
            ? new Skipped { Detail = $"model {plan.Model}:{plan.Version} {refusal}. Correct the model, and start the roll-out: mlevents deployments start" }
            : await CheckMetricsAsync(plan, gate.Metrics, model, endpoint, cancellationToken);
    }

    private static string? FindDifference(string kind, IReadOnlyDictionary<string, IReadOnlyList<string>> wanted, IReadOnlyDictionary<string, string> found) => wanted
        .Where(one => !(found.TryGetValue(one.Key, out var value) && one.Value.Contains(value, StringComparer.OrdinalIgnoreCase)))
        .Select(one => $"has {(found.TryGetValue(one.Key, out var value) ? $"{kind} {one.Key} '{value}'" : $"no {kind} {one.Key}")}, and the rule asks for {string.Join(" or ", one.Value)}")
        .FirstOrDefault();

    private async Task<StepResult?> CheckMetricsAsync(RolloutPlan plan, IReadOnlyList<ModelMetric> metrics, ModelVersion model, OnlineEndpoint? endpoint, CancellationToken cancellationToken)
    {
        if (metrics.Count == 0)
        {
            return null;
        }

        var own = await metricReader.ReadAsync(plan, model, metrics, cancellationToken);
        var current = await inService.FindAsync(plan, [.. metrics.Where(metric => metric.NotWorseThanCurrent is not null)], endpoint, cancellationToken);
        foreach (var metric in metrics)
        {
            if (!own.TryGetValue(metric.Name, out var value))
            {
                return new Failed { Detail = $"model {plan.Model}:{plan.Version} has no number '{metric.Name}' (or '{ModelMetricReader.Prefix}{metric.Name}') in its properties and tags, in those of its job, or among the metrics that its job logged (MLflow); the rule needs it (model.metrics)" };
            }

            if (FindFault(plan, metric, value) is { } fault)
            {
                return new Skipped { Detail = fault };
            }

            if (current is not null && Compare(plan, metric, value, current) is { } end)
            {
                return end;
            }
        }

        return null;
    }

    private static string? FindFault(RolloutPlan plan, ModelMetric metric, double value) => string.Create(CultureInfo.InvariantCulture, $"{metric.Name} of model {plan.Model}:{plan.Version} is {value}") is var measured
        && value < metric.Min ? string.Create(CultureInfo.InvariantCulture, $"{measured}, at least {metric.Min} is needed")
        : value > metric.Max ? string.Create(CultureInfo.InvariantCulture, $"{measured}, at most {metric.Max} is allowed")
        : null;

    private static StepResult? Compare(RolloutPlan plan, ModelMetric metric, double value, MeasuredModel current)
    {
        if (metric.NotWorseThanCurrent is not { } margin)
        {
            return null;
        }

        if (!current.Values.TryGetValue(metric.Name, out var reference))
        {
            return new Failed { Detail = $"the model in service ({current.Name}) has no number '{metric.Name}' to compare {plan.Model}:{plan.Version} with (model.metrics, notWorseThanCurrent). Write it to the model's properties or tags, or retry with force" };
        }

        var isWorse = metric.Better == MetricDirection.Higher ? value < reference - margin : value > reference + margin;
        return isWorse
            ? new Skipped { Detail = string.Create(CultureInfo.InvariantCulture, $"{metric.Name} of model {plan.Model}:{plan.Version} is {value}, but that of the model in service ({current.Name}) is {reference}; the rule allows a difference of {margin}") }
            : null;
    }
}
