using System.Globalization;

namespace MLEvents.Rules.Rollouts;

/// <summary>The autoscale setting of a managed deployment: the bounds of its number of instances, and the metrics that change it.</summary>
public sealed record Autoscale
{
    /// <summary>The smallest number of instances, 1 to 100.</summary>
    public required int Min { get; init; }

    /// <summary>The largest number of instances, 1 to 100.</summary>
    public required int Max { get; init; }

    /// <summary>The number of instances that Azure Monitor sets while it has no metrics and fewer instances run. If the rule omits it: <see cref="Min"/>.</summary>
    public required int Default { get; init; }

    /// <summary>The 1 to 10 rules that change the number of instances.</summary>
    public required IReadOnlyList<AutoscaleRule> Rules { get; init; }

    /// <summary>The setting as readable text, for instance <c>1 to 5 instances by CpuUtilizationPercentage</c>.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Min} to {Max} instances by {string.Join(", ", Rules.Select(rule => rule.Metric).Distinct())}");
}

/// <summary>Adds instances while a metric of the deployment is above a threshold, or removes instances while the metric is below a threshold.</summary>
public sealed record AutoscaleRule
{
    /// <summary>The name of an Azure Monitor metric of online deployments.</summary>
    public required string Metric { get; init; }

    /// <summary>The threshold of the metric's average, in the metric's unit.</summary>
    public required double Threshold { get; init; }

    /// <summary>The change of the number of instances, -100 to 100 and not 0: positive above the threshold, negative below it.</summary>
    public required int Change { get; init; }

    /// <summary>The time over which the metric is averaged, 5 minutes to 12 hours. If the rule omits it: 5 minutes.</summary>
    public required TimeSpan Window { get; init; }

    /// <summary>The time after a change during which this rule changes nothing, 1 minute to 7 days. If the rule omits it: 5 minutes.</summary>
    public required TimeSpan Cooldown { get; init; }
}
