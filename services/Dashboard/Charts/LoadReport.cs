using System.Globalization;

using MLEvents.Dashboard.Chains;
using MLEvents.Dashboard.History;
using MLEvents.ServiceDefaults;

namespace MLEvents.Dashboard.Charts;

/// <summary>The charts and the table of rules of the storm view, for a period.</summary>
/// <param name="Charts">The charts of counts.</param>
/// <param name="Latency">The chart of latencies.</param>
/// <param name="Rules">The rules, sorted by their number of actions, the largest number first.</param>
/// <param name="IsSampled">Whether a bucket has reached the limit <see cref="LoadQueries.MaxLatencies"/>, so that its earlier latencies may be missing.</param>
internal sealed record LoadReport(IReadOnlyList<Chart> Charts, Chart Latency, IReadOnlyList<RuleLoadFigures> Rules, bool IsSampled)
{
    private static readonly string[] Outcomes = ["succeeded", "failed", "skipped", "waiting", "running", "accepted"];

    /// <summary>Reads a period.</summary>
    /// <param name="queries">The history.</param>
    /// <param name="period">The period.</param>
    /// <param name="rule">The rule whose actions are shown; null or empty for all.</param>
    /// <param name="cancellationToken">Cancels the queries.</param>
    public static async Task<LoadReport> ReadAsync(LoadQueries queries, LoadPeriod period, string? rule, CancellationToken cancellationToken)
    {
        var events = await queries.EventsAsync(period, cancellationToken);
        var actions = FilterByRule(await queries.ActionsAsync(period, cancellationToken), rule);
        var held = FilterByRule(await queries.HeldBackAsync(period, cancellationToken), rule);
        var all = await queries.LatenciesAsync(period, cancellationToken);
        var latencies = all.Where(latency => rule is not { Length: > 0 } || latency.Rule == rule).ToList();
        return new(
            [
                new Chart("events", "Events", period.Starts, [new("events", "event", Values(period, events.Select(count => (count.Bucket, (double)count.Count))))], Count),
                new Chart("actions", "Actions by latest status", period.Starts, [.. Outcomes.Select(status => new ChartSeries(status, status, Values(period, actions.Where(count => count.Status == status).Select(Value))))], Count),
                new Chart("held-back", "How often a limit, an approval or a refused credential held actions back", period.Starts, [new("held back", "waiting", Values(period, held.Select(Value)))], Count),
            ],
            LatencyOf(period, latencies),
            RulesOf(actions, held, latencies),
            all.CountBy(latency => latency.Bucket).Any(bucket => bucket.Value == LoadQueries.MaxLatencies));
    }

    private static List<ActionCount> FilterByRule(IReadOnlyList<ActionCount> counts, string? rule) => [.. counts.Where(count => rule is not { Length: > 0 } || count.Rule == rule)];

    private static (long Bucket, double Count) Value(ActionCount count) => (count.Bucket, count.Count);

    private static Chart LatencyOf(LoadPeriod period, List<ActionLatency> latencies)
    {
        var buckets = latencies.GroupBy(latency => latency.Bucket).ToList();
        return new(
            "latency", "Time from the event to the end of a succeeded action", period.Starts,
            [
                new("median (p50)", "succeeded", Values(period, buckets.Select(bucket => (bucket.Key, Percentile.Calculate(bucket.Select(latency => latency.EndedTicks), 50).TotalSeconds)))),
                new("99th percentile (p99)", "failed", Values(period, buckets.Select(bucket => (bucket.Key, Percentile.Calculate(bucket.Select(latency => latency.EndedTicks), 99).TotalSeconds)))),
            ],
            seconds => ChainSvg.Duration(TimeSpan.FromSeconds(seconds)));
    }

    private static List<RuleLoadFigures> RulesOf(List<ActionCount> actions, List<ActionCount> held, List<ActionLatency> latencies) =>
    [
        .. actions.GroupBy(count => (count.Service, count.Rule)).Select(rule =>
        {
            var own = latencies.Where(latency => (latency.Service, latency.Rule) == rule.Key).ToList();
            return new RuleLoadFigures(
                rule.Key.Service, rule.Key.Rule, rule.GroupBy(count => count.Status).ToDictionary(status => status.Key, status => status.Sum(count => count.Count)),
                held.Where(count => (count.Service, count.Rule) == rule.Key).Sum(count => count.Count),
                own.Count == 0 ? null : new(Percentile.Calculate(own.Select(latency => latency.AcceptedTicks), 50), Percentile.Calculate(own.Select(latency => latency.AcceptedTicks), 99), Percentile.Calculate(own.Select(latency => latency.EndedTicks), 50), Percentile.Calculate(own.Select(latency => latency.EndedTicks), 99)));
        }).OrderByDescending(rule => rule.Total).ThenBy(rule => rule.Rule, StringComparer.Ordinal),
    ];

    private static double[] Values(LoadPeriod period, IEnumerable<(long Bucket, double Value)> counts)
    {
        var values = new double[period.Buckets];
        foreach (var (bucket, value) in counts)
        {
            values[period.IndexOf(bucket)] += value;
        }

        return values;
    }

    private static string Count(double value) => value.ToString("#,0.#", CultureInfo.InvariantCulture);
}

/// <summary>The figures of a rule in a period.</summary>
/// <param name="Service">The service.</param>
/// <param name="Rule">The rule.</param>
/// <param name="Outcomes">The number of actions by latest status.</param>
/// <param name="HeldBack">How often a limit, an approval or a refused credential held actions back. An action counts once in each hour.</param>
/// <param name="Latency">The latencies of the succeeded actions that were read; null if none was read.</param>
internal sealed record RuleLoadFigures(string Service, string Rule, IReadOnlyDictionary<string, long> Outcomes, long HeldBack, RuleLatency? Latency)
{
    public long Total => Outcomes.Values.Sum();
}

/// <summary>
/// The median and the 99th percentile of the time from an event until its action was accepted, and until its action ended. Only succeeded actions are included.
/// </summary>
internal sealed record RuleLatency(TimeSpan AcceptedP50, TimeSpan AcceptedP99, TimeSpan EndedP50, TimeSpan EndedP99);
