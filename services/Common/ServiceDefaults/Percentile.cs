namespace MLEvents.ServiceDefaults;

/// <summary>Calculates percentiles of durations with the nearest-rank method.</summary>
public static class Percentile
{
    /// <summary>Calculates a percentile: the duration that the given percentage of the durations does not exceed. A negative duration counts as 0, because the clock of a publisher may be ahead.</summary>
    /// <param name="ticks">The durations, in ticks.</param>
    /// <param name="percent">The percentage, 0 to 100.</param>
    /// <returns>The duration; zero if there are no values.</returns>
    public static TimeSpan Calculate(IEnumerable<long> ticks, int percent)
    {
        var sorted = ticks.Order().ToList();
        return sorted.Count == 0 ? TimeSpan.Zero : TimeSpan.FromTicks(Math.Max(0, sorted[Math.Max(0, (int)Math.Ceiling(sorted.Count * percent / 100.0) - 1)]));
    }
}
