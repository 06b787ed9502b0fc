using System.Text.Json.Nodes;

using MLEvents.Local.Simulator.Arm;
using MLEvents.Local.Simulator.Primitives;

namespace MLEvents.Local.Simulator.EventGrid;

/// <summary>One advanced filter of a subscription.</summary>
internal sealed class SubscriptionAdvancedFilter(string[] levels, SubscriptionFilterOperator operation, IReadOnlyList<JsonNode> values, bool arrays)
{
    private const int MaxTextLength = 512;

    private static readonly Dictionary<string, string> Aliases = new(StringComparer.OrdinalIgnoreCase)
    {
        ["source"] = "topic",
        ["type"] = "eventType",
        ["time"] = "eventTime",
        ["topic"] = "source",
        ["eventType"] = "type",
        ["eventTime"] = "time",
    };

    /// <summary>The number of values of the filter. A subscription has a limit for the values of all its filters.</summary>
    public int Size => values.Count;

    /// <summary>Whether an event matches.</summary>
    public bool Matches(JsonObject candidate)
    {
        var found = Find(candidate, levels);
        if (found is null && levels is [var key] && Aliases.TryGetValue(key, out var alias))
        {
            found = Find(candidate, [alias]);
        }

        return operation.Matches(found, values, arrays);
    }

    /// <summary>Parses a filter.</summary>
    /// <exception cref="ArmRefusal">Event Grid rejects the filter.</exception>
    public static SubscriptionAdvancedFilter Parse(JsonNode? filter, bool arrays)
    {
        var name = filter.Text("operatorType") ?? "";
        if (!SubscriptionFilterOperator.All.TryGetValue(name, out var operation))
        {
            throw ArmRefusal.BadContent($"The advanced filter operator '{name}' is unknown.", "properties.filter.advancedFilters");
        }

        var key = filter.Text("key") ?? throw ArmRefusal.BadContent("An advanced filter needs a key.", "properties.filter.advancedFilters");
        return new(FilterKey.Parse(key), operation, ReadValues(filter, key, operation), arrays);
    }

    private static List<JsonNode> ReadValues(JsonNode? filter, string key, SubscriptionFilterOperator operation)
    {
        if (operation.Values is not { } member)
        {
            return [];
        }

        var given = filter.At(member);
        var values = given is JsonArray many && member == "values" ? [.. many] : new List<JsonNode?> { given };
        if (!values.TrueForAll(operation.Accepts))
        {
            throw ArmRefusal.BadContent($"The advanced filter on '{key}' needs '{member}' with the type that its operator compares.", "properties.filter.advancedFilters");
        }

        if (values.Exists(value => value?.ToString().Length > MaxTextLength))
        {
            throw ArmRefusal.BadContent($"A value of the advanced filter on '{key}' is longer than {MaxTextLength} characters.", "properties.filter.advancedFilters");
        }

        return [.. values.OfType<JsonNode>().Select(value => value.DeepClone())];
    }

    // Names are case-insensitive, as in the documentation. If several names match, the exact name is used.
    private static JsonNode? Find(JsonNode? node, ReadOnlySpan<string> path)
    {
        foreach (var name in path)
        {
            var members = node as JsonObject;
            node = members is null ? null
                : members.TryGetPropertyValue(name, out var exact) ? exact
                : members.FirstOrDefault(member => member.Key.Equals(name, StringComparison.OrdinalIgnoreCase)).Value;
        }

        return node;
    }
}
