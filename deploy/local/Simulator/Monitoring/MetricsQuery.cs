using System.Globalization;
using System.Text.RegularExpressions;
using System.Xml;

using MLEvents.Local.Simulator.Arm;

namespace MLEvents.Local.Simulator.Monitoring;

/// <summary>The query parameters of <c>Metrics_List</c>.</summary>
/// <param name="Metrics">The metrics.</param>
/// <param name="From">Start of the time span.</param>
/// <param name="To">End of the time span.</param>
/// <param name="Interval">The time grain.</param>
/// <param name="Aggregations">The aggregations in lower case.</param>
/// <param name="Filter">The dimensions with their values; the value <c>*</c> splits the series by the dimension.</param>
internal sealed partial record MetricsQuery(
    IReadOnlyList<Metric> Metrics, DateTimeOffset From, DateTimeOffset To, TimeSpan Interval, IReadOnlyList<string> Aggregations, IReadOnlyList<(string Name, string Value)> Filter)
{
    private static readonly string[] Grains = ["PT1M", "PT5M", "PT15M", "PT30M", "PT1H", "PT6H", "PT12H", "P1D"];
    private static readonly string[] Known = ["average", "minimum", "maximum", "total", "count"];

    /// <summary>Reads the parameters.</summary>
    /// <exception cref="ArmRefusal">A metric, grain, aggregation, time span or filter is invalid.</exception>
    public static MetricsQuery Parse(ArmRequest request, IReadOnlyList<Metric> catalog, DateTimeOffset now)
    {
        var (from, to) = Timespan(request.Query("timespan"), now);
        var grain = request.Query("interval") ?? "PT1M";
        var aggregations = List(request.Query("aggregation") ?? "Average").Select(name => name.ToLowerInvariant()).ToList();
        if (!Grains.Contains(grain, StringComparer.OrdinalIgnoreCase))
        {
            throw Invalid($"Invalid time grain '{grain}'. Supported values: {string.Join(", ", Grains)}.");
        }

        if (aggregations.Find(name => !Known.Contains(name)) is { } unknown)
        {
            throw Invalid($"Invalid aggregation '{unknown}'. Supported values: {string.Join(", ", Known)}.");
        }

        var metrics = List(request.Query("metricnames") ?? catalog[0].Name).Select(name => Find(catalog, name)).ToList();
        return new(metrics, from, to, XmlConvert.ToTimeSpan(grain.ToUpperInvariant()), aggregations, Dimensions(request.Query("$filter"), metrics));
    }

    private static string[] List(string text) => text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    private static Metric Find(IReadOnlyList<Metric> catalog, string name) => catalog.FirstOrDefault(metric => metric.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
        ?? throw Invalid($"Failed to find metric configuration for metric: {name}. Valid metrics: {string.Join(',', catalog.Select(metric => metric.Name))}");

    private static (DateTimeOffset From, DateTimeOffset To) Timespan(string? text, DateTimeOffset now)
    {
        if (text is null)
        {
            return (now.AddHours(-1), now);
        }

        return text.Split('/') is [var first, var second] && Time(first) is { } from && Time(second) is { } to && from < to
            ? (from, to)
            : throw Invalid($"Invalid timespan '{text}'; expected start/end in ISO 8601 with the start before the end.");
    }

    private static DateTimeOffset? Time(string text) =>
        DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time : null;

    private static List<(string Name, string Value)> Dimensions(string? filter, List<Metric> metrics)
    {
        var found = new List<(string Name, string Value)>();
        foreach (var part in filter is null ? [] : Separator().Split(filter))
        {
            var match = Condition().Match(part);
            if (!match.Success)
            {
                throw Invalid($"Invalid filter '{part}'; the simulator reads conditions such as \"deployment eq 'blue'\", joined by 'and'.");
            }

            var name = match.Groups["name"].Value;
            if (metrics.Find(metric => !metric.Dimensions.Contains(name, StringComparer.OrdinalIgnoreCase)) is { } without)
            {
                throw Invalid($"Metric: {without.Name} does not support requested dimension combination: {name}, supported ones are: {string.Join(',', without.Dimensions)}.");
            }

            found.Add((name, match.Groups["value"].Value.Replace("''", "'", StringComparison.Ordinal)));
        }

        return found;
    }

    private static ArmRefusal Invalid(string message) => new(StatusCodes.Status400BadRequest, "BadRequest", message);

    [GeneratedRegex(@"\s+and\s+", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Separator();

    [GeneratedRegex(@"^\s*(?<name>[A-Za-z_]+)\s+eq\s+'(?<value>(?:[^']|'')*)'\s*$", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex Condition();
}
