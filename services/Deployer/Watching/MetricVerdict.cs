using System.Globalization;

using MLEvents.Rules.Rollouts;

namespace MLEvents.Deployer.Watching;

/// <summary>The result of comparing a reading with a threshold.</summary>
/// <param name="Outcome">The result.</param>
/// <param name="Text">The numbers, for people.</param>
internal sealed record MetricVerdict(MetricOutcome Outcome, string Text)
{
    private const int MaxMinutes = 10;

    /// <summary>Compares a reading with a threshold.</summary>
    public static MetricVerdict Evaluate(MetricThreshold threshold, MetricReading reading)
    {
        if (reading.Requests < threshold.MinRequests)
        {
            return Missing(threshold, string.Create(CultureInfo.InvariantCulture, $"{reading.Requests:0.#} requests, at least {threshold.MinRequests} are needed"));
        }

        if (reading.Value is not { } value)
        {
            return Missing(threshold, "no values");
        }

        var unit = threshold.Name == MetricThreshold.RequestErrors ? " %" : "";
        var measured = string.Create(CultureInfo.InvariantCulture, $"{threshold.Name} is {value:0.###}{unit}");
        var max = threshold.MaxPercent ?? threshold.Max;
        return value > max ? Crossed(reading, string.Create(CultureInfo.InvariantCulture, $"{measured}, at most {max}{unit} is allowed"))
            : value < threshold.Min ? Crossed(reading, string.Create(CultureInfo.InvariantCulture, $"{measured}, at least {threshold.Min}{unit} is needed"))
            : Compare(threshold, reading, value, measured);
    }

    private static MetricVerdict Compare(MetricThreshold threshold, MetricReading reading, double value, string measured)
    {
        if (threshold.MaxRatio is not { } ratio || !reading.HasCurrent)
        {
            return new(MetricOutcome.Passed, measured);
        }

        if (reading.Current is not { } current)
        {
            return Missing(threshold, "no values of the deployment in service to compare with");
        }

        var compared = string.Create(CultureInfo.InvariantCulture, $"{measured}, and {current:0.###} for the deployment in service");
        if (current == 0)
        {
            // There is no ratio to 0. A value above 0 is worse than the value of the deployment in service, even if the difference is small.
            return value > 0 ? Crossed(reading, $"{compared}: only 0 is allowed, because there is no ratio to 0") : new(MetricOutcome.Passed, compared);
        }

        return value > current * ratio ? Crossed(reading, string.Create(CultureInfo.InvariantCulture, $"{compared}: at most {ratio} times as much is allowed")) : new(MetricOutcome.Passed, compared);
    }

    // The values by minute show whether the value was a peak or a trend.
    private static MetricVerdict Crossed(MetricReading reading, string text) =>
        new(MetricOutcome.Crossed, reading.ByMinute.Count < 2 ? text : $"{text}; {Series(reading.ByMinute)}");

    private static string Series(IReadOnlyList<double> values)
    {
        var last = string.Join(", ", values.TakeLast(MaxMinutes).Select(value => string.Create(CultureInfo.InvariantCulture, $"{value:0.###}")));
        return values.Count > MaxMinutes ? string.Create(CultureInfo.InvariantCulture, $"the last {MaxMinutes} of {values.Count} minutes: {last}") : $"by minute: {last}";
    }

    private static MetricVerdict Missing(MetricThreshold threshold, string text) =>
        new(threshold.NoData == MissingData.Pass ? MetricOutcome.MissingAllowed : MetricOutcome.Missing, $"{threshold.Name}: {text}");
}

/// <summary>The result of a threshold.</summary>
internal enum MetricOutcome
{
    /// <summary>The value is within its bounds.</summary>
    Passed,

    /// <summary>The value is outside its bounds.</summary>
    Crossed,

    /// <summary>
    /// A value is missing or could not be read, or there are too few requests. The check fails if this is still so after the bake time and the delay of the
    /// metrics.
    /// </summary>
    Missing,

    /// <summary>A value is missing, or there are too few requests, and the rule allows that.</summary>
    MissingAllowed,
}
