using System.Globalization;

using MLEvents.Rules.Reading;
using MLEvents.Rules.Rollouts;
using MLEvents.Rules.Yaml;

namespace MLEvents.Rules.RuleReaders;

/// <summary>Reads <c>metrics</c> of a strategy.</summary>
internal static class MetricsReader
{
    private const string Metrics = "metrics";
    private const string Place = $"deployment.strategy.{Metrics}";
    private const string MaxPercent = "maxPercent";
    private const int MaxMetrics = 20;
    private const int MaxRequests = 1_000_000;

    private static readonly string[] Bounds = ["min", "max", MaxPercent, "maxRatio"];

    // Azure Monitor's metrics of online endpoints and deployments for which a single number is meaningful.
    private static readonly string[] Known =
    [
        MetricThreshold.RequestErrors, "RequestLatency", "RequestLatency_P50", "RequestLatency_P90", "RequestLatency_P95", "RequestLatency_P99", "RequestsPerMinute",
        "CpuUtilizationPercentage", "CpuMemoryUtilizationPercentage", "DiskUtilization", "GpuUtilizationPercentage", "GpuMemoryUtilizationPercentage",
    ];

    /// <summary>Reads the thresholds; empty if there are none.</summary>
    public static IReadOnlyList<MetricThreshold> Read(MapReader strategy)
    {
        var node = strategy.Node(Metrics, KeyShape.ListOf(Place));
        if (node is null)
        {
            return [];
        }

        if (node is YamlList { Items: { Count: <= MaxMetrics } items } && items.All(item => item is YamlMap))
        {
            return [.. items.OfType<YamlMap>().Select(map => ReadThreshold(new MapReader(map, strategy.Reading, Place))).OfType<MetricThreshold>()];
        }

        strategy.Reading.Add(node, $"'{Metrics}' must be a list of up to {MaxMetrics} mappings, such as [{{ name: RequestLatency_P95, max: 400 }}]");
        return [];
    }

    private static MetricThreshold? ReadThreshold(MapReader keys)
    {
        var name = keys.RequiredScalar("name", KeyShape.OneOf(Known));
        var threshold = new MetricThreshold
        {
            Name = name?.Value ?? "",
            Min = NumberReader.Read(keys, "min", double.MinValue),
            Max = NumberReader.Read(keys, "max", double.MinValue),
            MaxPercent = NumberReader.Read(keys, MaxPercent, min: 0, max: 100),
            MaxRatio = NumberReader.Read(keys, "maxRatio", min: 0),
            MinRequests = keys.Number("minRequests", 0, MaxRequests, ifAbsent: 0),
            NoData = keys.Choice("noData", MissingData.Fail, inLowerCase: true),
        };
        if (name is not null)
        {
            Check(keys, name, threshold);
        }

        keys.RejectUnreadKeys();
        return name is null ? null : threshold;
    }

    private static void Check(MapReader keys, YamlText name, MetricThreshold threshold)
    {
        if (!Known.Contains(name.Value, StringComparer.Ordinal))
        {
            keys.Reading.Add(name, $"unknown metric '{name.Value}'{Suggestion.Hint(name.Value, Known)}; expected one of: {string.Join(", ", Known)}");
        }

        var isErrors = name.Value == MetricThreshold.RequestErrors;
        if (!isErrors && threshold.MaxPercent is not null)
        {
            keys.Reading.Add(keys.Map, $"'{MaxPercent}' is for {MetricThreshold.RequestErrors}; use 'max' for {name.Value}");
        }
        else if (isErrors && (threshold.Min ?? threshold.Max) is not null)
        {
            keys.Reading.Add(keys.Map, $"{MetricThreshold.RequestErrors} is a share of the requests; use '{MaxPercent}' or 'maxRatio'");
        }
        else if (threshold is { Min: { } min, Max: { } max } && min > max)
        {
            keys.Reading.Add(keys.Map, string.Create(CultureInfo.InvariantCulture, $"'min' ({min}) must not exceed 'max' ({max})"));
        }
        else if (Bounds.All(bound => keys.Node(bound) is null))
        {
            keys.Reading.Add(keys.Map, "a metric needs at least one of 'min', 'max', 'maxPercent' and 'maxRatio'");
        }
    }
}
