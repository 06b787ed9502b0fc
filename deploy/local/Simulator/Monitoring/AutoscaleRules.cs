using System.Globalization;
using System.Text.Json.Nodes;
using System.Xml;

using MLEvents.Local.Simulator.Arm;
using MLEvents.Local.Simulator.Primitives;

namespace MLEvents.Local.Simulator.Monitoring;

/// <summary>The checks of an autoscale setting before it is stored: the required members, values and ranges of Azure's specification.</summary>
internal static class AutoscaleRules
{
    private const int MaxProfiles = 20;
    private const int MaxRules = 10;

    private static readonly string[] Statistics = ["Average", "Min", "Max", "Sum", "Count"];
    private static readonly string[] Aggregations = ["Average", "Minimum", "Maximum", "Total", "Count", "Last"];
    private static readonly string[] Operators = ["Equals", "NotEquals", "GreaterThan", "GreaterThanOrEqual", "LessThan", "LessThanOrEqual"];
    private static readonly string[] Directions = ["None", "Increase", "Decrease"];
    private static readonly string[] Types = ["ChangeCount", "PercentChangeCount", "ExactCount", "ServiceAllowedNextValue"];

    /// <summary>Checks the body of a PUT.</summary>
    /// <exception cref="ArmRefusal">A member is missing or invalid, or the target does not exist.</exception>
    public static void Require(JsonObject body, ResourceStore store)
    {
        Text(body, "location");
        var properties = Member(body, "properties");
        RequireTarget(properties, store);
        var profiles = List(properties, "profiles", MaxProfiles);
        if (profiles.Count == 0)
        {
            throw Invalid("'profiles' needs at least one profile.", "profiles");
        }

        foreach (var profile in profiles)
        {
            Text(profile, "name");
            RequireCapacity(Member(profile, "capacity"));
            foreach (var rule in List(profile, "rules", MaxRules))
            {
                RequireTrigger(Member(rule, "metricTrigger"), store);
                RequireAction(Member(rule, "scaleAction"));
            }
        }
    }

    private static void RequireTarget(JsonObject properties, ResourceStore store)
    {
        var target = Text(properties, "targetResourceUri");
        if (!IsDeployment(target) || !store.Has(target))
        {
            throw new ArmRefusal(StatusCodes.Status400BadRequest, "TargetResourceNotFound", $"The target resource '{target}' of the autoscale setting is not an existing online deployment.", "targetResourceUri");
        }
    }

    private static void RequireCapacity(JsonObject capacity)
    {
        var (minimum, maximum, initial) = (Count(capacity, "minimum"), Count(capacity, "maximum"), Count(capacity, "default"));
        if (minimum > initial || initial > maximum)
        {
            throw Invalid($"The capacity must have minimum <= default <= maximum; it has {minimum}, {initial} and {maximum}.", "capacity");
        }
    }

    private static void RequireTrigger(JsonObject trigger, ResourceStore store)
    {
        var (metric, resource) = (Text(trigger, "metricName"), Text(trigger, "metricResourceUri"));
        var catalog = IsDeployment(resource) ? MetricCatalog.Deployment : MetricCatalog.Endpoint;
        if (!store.Has(resource) || !catalog.Any(known => known.Name.Equals(metric, StringComparison.OrdinalIgnoreCase)))
        {
            throw Invalid($"Failed to find metric '{metric}' of '{resource}'.", "metricName");
        }

        OneOf(trigger, "statistic", Statistics);
        OneOf(trigger, "timeAggregation", Aggregations);
        OneOf(trigger, "operator", Operators);
        Duration(trigger, "timeGrain", TimeSpan.FromMinutes(1), TimeSpan.FromHours(12));
        Duration(trigger, "timeWindow", TimeSpan.FromMinutes(5), TimeSpan.FromHours(12));
        if (trigger["threshold"] is not JsonValue threshold || !threshold.TryGetValue<double>(out _))
        {
            throw Invalid("'threshold' must be a number.", "threshold");
        }
    }

    private static void RequireAction(JsonObject action)
    {
        OneOf(action, "direction", Directions);
        OneOf(action, "type", Types);
        Duration(action, "cooldown", TimeSpan.FromMinutes(1), TimeSpan.FromDays(7));
        if (action.ContainsKey("value") && Count(action, "value") < 1)
        {
            throw Invalid("'value' must be 1 or greater.", "value");
        }
    }

    private static bool IsDeployment(string id) => id.Contains("/onlineEndpoints/", StringComparison.OrdinalIgnoreCase) && id.Contains("/deployments/", StringComparison.OrdinalIgnoreCase);

    private static JsonObject Member(JsonObject source, string name) => source[name] as JsonObject ?? throw Invalid($"Required property '{name}' not found in JSON.", name);

    private static string Text(JsonObject source, string name) => source.Text(name) ?? throw Invalid($"Required property '{name}' not found in JSON.", name);

    private static List<JsonObject> List(JsonObject source, string name, int max) => source[name] is JsonArray items && items.Count <= max && items.All(item => item is JsonObject)
        ? [.. items.OfType<JsonObject>()]
        : throw Invalid($"'{name}' must be a list of up to {max} objects.", name);

    // Azure writes numbers of instances as strings.
    private static int Count(JsonObject source, string name) => int.TryParse(source.Text(name), NumberStyles.None, CultureInfo.InvariantCulture, out var count)
        ? count
        : throw Invalid($"'{name}' must be a string with a whole number.", name);

    private static void OneOf(JsonObject source, string name, string[] known)
    {
        if (!known.Contains(Text(source, name), StringComparer.Ordinal))
        {
            throw Invalid($"'{name}' must be one of {string.Join(", ", known)}.", name);
        }
    }

    private static void Duration(JsonObject source, string name, TimeSpan min, TimeSpan max)
    {
        var text = Text(source, name);
        try
        {
            if (XmlConvert.ToTimeSpan(text) is var duration && duration >= min && duration <= max)
            {
                return;
            }
        }
        catch (Exception exception) when (exception is FormatException or OverflowException)
        {
            // The error is reported below, like the error of a duration that is outside of the range.
        }

        throw Invalid($"'{name}' must be a duration from {XmlConvert.ToString(min)} to {XmlConvert.ToString(max)} in ISO 8601, not '{text}'.", name);
    }

    private static ArmRefusal Invalid(string message, string target) => ArmRefusal.BadContent(message, target);
}
