using System.Text.Json.Nodes;

using MLEvents.Local.Simulator.Arm;
using MLEvents.Local.Simulator.Primitives;

namespace MLEvents.Local.Simulator.EventGrid;

/// <summary>The filter of a subscription: event types, subject and advanced filters. An event must match all of them.</summary>
internal sealed class EventFilter
{
    private const int MaxFilters = 25;
    private const int MaxValues = 25;
    private List<string> _types = [];
    private string _begins = "";
    private string _ends = "";
    private StringComparison _comparison;
    private List<SubscriptionAdvancedFilter> _advanced = [];

    private EventFilter()
    {
    }

    /// <summary>The included event types; empty for all.</summary>
    public IReadOnlyList<string> Types => _types;

    /// <summary>Whether an event in the Event Grid or CloudEvents schema matches.</summary>
    public bool Matches(JsonObject candidate)
    {
        var subject = candidate.Text("subject") ?? "";
        var type = candidate.Text("eventType") ?? candidate.Text("type") ?? "";
        return (_types.Count == 0 || _types.Contains(type, StringComparer.Ordinal))
            && subject.StartsWith(_begins, _comparison)
            && subject.EndsWith(_ends, _comparison)
            && _advanced.TrueForAll(filter => filter.Matches(candidate));
    }

    /// <summary>Parses the <c>filter</c> member of a subscription.</summary>
    /// <exception cref="ArmRefusal">The filter violates a rule or limit of Event Grid.</exception>
    public static EventFilter Parse(JsonNode? filter)
    {
        var arrays = filter.At("enableAdvancedFilteringOnArrays")?.ToString() == "true";
        var advanced = (filter.At("advancedFilters") as JsonArray ?? []).Select(item => SubscriptionAdvancedFilter.Parse(item, arrays)).ToList();
        if (advanced.Count > MaxFilters || advanced.Sum(item => item.Size) > MaxValues)
        {
            throw ArmRefusal.BadContent($"A subscription may have at most {MaxFilters} advanced filters with at most {MaxValues} values in total.", "properties.filter.advancedFilters");
        }

        var types = (filter.At("includedEventTypes") as JsonArray ?? []).Select(type => type?.ToString() ?? "").ToList();
        return new()
        {
            _types = types.Contains("All", StringComparer.OrdinalIgnoreCase) ? [] : types,
            _begins = filter.Text("subjectBeginsWith") ?? "",
            _ends = filter.Text("subjectEndsWith") ?? "",
            _comparison = filter.At("isSubjectCaseSensitive")?.ToString() == "true" ? StringComparison.Ordinal : StringComparison.OrdinalIgnoreCase,
            _advanced = advanced,
        };
    }
}
