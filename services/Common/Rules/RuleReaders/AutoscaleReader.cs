using System.Globalization;

using MLEvents.Rules.Reading;
using MLEvents.Rules.Rollouts;
using MLEvents.Rules.Yaml;

namespace MLEvents.Rules.RuleReaders;

/// <summary>Reads <c>autoscale</c> of a deployment rule.</summary>
internal static class AutoscaleReader
{
    private const string Min = "min";
    private const string Max = "max";
    private const string Default = "default";
    private const string Rules = "rules";
    private const string Above = "above";
    private const string Below = "below";
    private const string Add = "add";
    private const string Remove = "remove";
    private const string RulesPlace = $"deployment.deploy.autoscale.{Rules}";

    // The limits of Azure Monitor.
    private const int MaxRules = 10;
    private static readonly TimeSpan MinWindow = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan MaxWindow = TimeSpan.FromHours(12);
    private static readonly TimeSpan MinCooldown = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan MaxCooldown = TimeSpan.FromDays(7);

    private static readonly TimeSpan DefaultCooldown = TimeSpan.FromMinutes(5);

    // The metrics of a deployment in Azure Monitor whose average over its instances is meaningful.
    private static readonly string[] Percentages =
        ["CpuUtilizationPercentage", "CpuMemoryUtilizationPercentage", "GpuUtilizationPercentage", "GpuMemoryUtilizationPercentage", "DiskUtilization"];

    private static readonly string[] Known =
        [.. Percentages, "RequestsPerMinute", "RequestLatency_P50", "RequestLatency_P90", "RequestLatency_P95", "RequestLatency_P99"];

    /// <summary>Reads the setting; null if it cannot be used. The error is recorded.</summary>
    public static Autoscale? Read(MapReader keys)
    {
        var errors = keys.Reading.Errors.Count;
        var (min, max) = (Instances(keys, Min), Instances(keys, Max));
        var initial = keys.Number(Default, 1, ModelRollout.MaxInstances, ifAbsent: min);
        var rules = ReadRules(keys);
        keys.RejectUnreadKeys();
        if (keys.Reading.Errors.Count > errors)
        {
            return null;
        }

        var autoscale = new Autoscale { Min = min, Max = max, Default = initial, Rules = rules };
        return IsInOrder(keys, autoscale) && IsStable(keys, autoscale) ? autoscale : null;
    }

    private static int Instances(MapReader keys, string key) =>
        keys.Required(key, KeyShape.Whole(1, ModelRollout.MaxInstances)) is null ? 1 : keys.Number(key, 1, ModelRollout.MaxInstances, ifAbsent: 1);

    private static List<AutoscaleRule> ReadRules(MapReader keys)
    {
        var node = keys.Required(Rules, KeyShape.ListOf(RulesPlace));
        if (node is YamlList { Items: { Count: >= 1 and <= MaxRules } items } && items.All(item => item is YamlMap))
        {
            return [.. items.OfType<YamlMap>().Select(map => ReadRule(new MapReader(map, keys.Reading, RulesPlace))).OfType<AutoscaleRule>()];
        }

        if (node is not null)
        {
            keys.Reading.Add(node, $"'{Rules}' must be a list of 1 to {MaxRules} mappings, such as [{{ metric: CpuUtilizationPercentage, above: 70, add: 1 }}]");
        }

        return [];
    }

    private static AutoscaleRule? ReadRule(MapReader keys)
    {
        var metric = Metric(keys);
        var max = Percentages.Contains(metric, StringComparer.Ordinal) ? 100 : double.MaxValue;
        var (above, below) = (NumberReader.Read(keys, Above, min: 0, max), NumberReader.Read(keys, Below, min: 0, max));
        var (add, remove) = (keys.Number(Add, 1, ModelRollout.MaxInstances, ifAbsent: 1), keys.Number(Remove, 1, ModelRollout.MaxInstances, ifAbsent: 1));
        var window = ShortDuration.Read(keys, "window", MinWindow, MaxWindow) ?? MinWindow;
        var cooldown = ShortDuration.Read(keys, "cooldown", MinCooldown, MaxCooldown) ?? DefaultCooldown;
        keys.RejectUnreadKeys();
        return HasDirection(keys) && metric is not null && (above ?? below) is { } threshold
            ? new() { Metric = metric, Threshold = threshold, Change = above is null ? -remove : add, Window = window, Cooldown = cooldown }
            : null;
    }

    private static string? Metric(MapReader keys)
    {
        var metric = keys.RequiredScalar("metric", KeyShape.OneOf(Known));
        if (metric is not null && !Known.Contains(metric.Value, StringComparer.Ordinal))
        {
            keys.Reading.Add(metric, $"unknown metric '{metric.Value}'{Suggestion.Hint(metric.Value, Known)}; expected one of: {string.Join(", ", Known)}");
        }

        return metric?.Value;
    }

    // More instances lower each of these metrics. A rule with 'above' and 'remove', or with 'below' and 'add', would therefore repeat its change until 'min' or 'max'.
    private static bool HasDirection(MapReader keys)
    {
        var (grows, shrinks) = (keys.Node(Above) is not null, keys.Node(Below) is not null);
        var isPair = grows != shrinks && keys.Node(grows ? Remove : Add) is null && keys.Node(grows ? Add : Remove) is not null;
        if (!isPair)
        {
            keys.Reading.Add(keys.Map, $"an autoscale rule has either '{Above}' and '{Add}', or '{Below}' and '{Remove}'");
        }

        return isPair;
    }

    private static bool IsInOrder(MapReader keys, Autoscale autoscale)
    {
        var isInOrder = autoscale.Min <= autoscale.Default && autoscale.Default <= autoscale.Max;
        if (!isInOrder)
        {
            keys.Reading.Add(keys.Map, string.Create(
                CultureInfo.InvariantCulture, $"'{Min}' ({autoscale.Min}) must not exceed '{Default}' ({autoscale.Default}), and '{Default}' must not exceed '{Max}' ({autoscale.Max})"));
        }

        return isInOrder;
    }

    // Where the ranges of two rules overlap, instances would be added and removed in turn.
    private static bool IsStable(MapReader keys, Autoscale autoscale)
    {
        var overlap = autoscale.Rules.Where(rule => rule.Change > 0)
            .SelectMany(grows => autoscale.Rules.Where(shrinks => shrinks.Change < 0 && shrinks.Metric == grows.Metric && shrinks.Threshold >= grows.Threshold), (grows, shrinks) => (grows, shrinks))
            .FirstOrDefault();
        if (overlap is ({ } more, { } fewer))
        {
            keys.Reading.Add(keys.Node(Rules) ?? keys.Map, string.Create(
                CultureInfo.InvariantCulture,
                $"the rules for {more.Metric} add instances above {more.Threshold} and remove instances below {fewer.Threshold}, so they would alternate; '{Below}' must be less than '{Above}'"));
        }

        return overlap is (null, null);
    }
}
