using System.Text.Json.Nodes;

using MLEvents.Events;
using MLEvents.Rules.Conditions;

namespace MLEvents.Rules.SubscriptionFilters;

/// <summary>Creates Event Grid subscription filters that pass the events that rules need, so that Event Grid does not deliver most of the other events.</summary>
public static class SubscriptionFilter
{
    /// <summary>A filter that passes every event of Event Grid that an enabled rule matches, in the format of <c>az eventgrid event-subscription show</c>.</summary>
    /// <remarks>
    /// A subscription has one filter, and an event must match all its parts. The filter therefore has only the restrictions that all rules share, and passes more events than the rules match.
    /// The filter leaves out the conditions that Event Grid cannot express (<c>not</c>, names with dots) and the negated operators with values. Only the rules check these.
    /// </remarks>
    /// <returns>The filter; null when no enabled rule can match an event of Event Grid.</returns>
    public static JsonObject? Create(IEnumerable<Rule> rules)
    {
        List<FilterAlternative> alternatives = [.. rules.Where(rule => rule.Enabled).SelectMany(rule => rule.When.FilterAlternatives()).Select(OfAzure).OfType<FilterAlternative>()];
        return alternatives.Count == 0 ? null : ToJson(FilterUnion.Combine(alternatives));
    }

    // The services raise events of these types themselves, for instance ActionChanged. Event Grid rejects the types.
    private static FilterAlternative? OfAzure(FilterAlternative alternative)
    {
        if (alternative.Types?.Any(IsOfServices) != true)
        {
            return alternative;
        }

        string[] types = [.. alternative.Types.Where(type => !IsOfServices(type))];
        return types.Length == 0 ? null : alternative with { Types = types };
    }

    private static bool IsOfServices(string type) => type.StartsWith(EventTypes.OwnPrefix, StringComparison.OrdinalIgnoreCase);

    private static JsonObject ToJson(FilterAlternative alternative)
    {
        var filters = WithinLimits(alternative.Filters);
        var filter = new JsonObject();
        if (alternative.Types is { } types)
        {
            filter["includedEventTypes"] = new JsonArray([.. types.Select(type => JsonValue.Create(type))]);
        }

        if (alternative.BeginsWith.Length + alternative.EndsWith.Length > 0)
        {
            filter["subjectBeginsWith"] = alternative.BeginsWith;
            filter["subjectEndsWith"] = alternative.EndsWith;
            filter["isSubjectCaseSensitive"] = alternative.CaseSensitive;
        }

        if (filters.Count > 0)
        {
            filter["advancedFilters"] = new JsonArray([.. filters.Select(ToJson)]);
            filter["enableAdvancedFilteringOnArrays"] = filters.Exists(one => one.Arrays);
        }

        return filter;
    }

    // If the filters exceed the limits of a subscription, those with the most values are removed first.
    private static List<AdvancedFilter> WithinLimits(IReadOnlyList<AdvancedFilter> all)
    {
        List<AdvancedFilter> filters = [.. all.OrderBy(Count).Take(AdvancedFilter.MaxFilters)];
        while (filters.Sum(Count) > AdvancedFilter.MaxValues)
        {
            filters.RemoveAt(filters.Count - 1);
        }

        return filters;
    }

    private static int Count(AdvancedFilter filter) => filter.Test switch
    {
        TextTest texts => texts.Wanted.Count,
        NumberTest numbers => numbers.Wanted.Count,
        BoolTest => 1,
        _ => 0,
    };

    private static JsonObject ToJson(AdvancedFilter filter)
    {
        var json = new JsonObject { ["operatorType"] = filter.Operation.Name, ["key"] = filter.Key.InEventGrid };
        switch (filter.Test)
        {
            case TextTest texts:
                json["values"] = new JsonArray([.. texts.Wanted.Select(text => JsonValue.Create(text))]);
                break;
            case NumberTest numbers when filter.Operation.Operand == FilterOperand.Number:
                json["value"] = numbers.Wanted[0].Low;
                break;
            case NumberTest numbers:
                json["values"] = new JsonArray([.. numbers.Wanted.Select(one => filter.Operation.Operand == FilterOperand.Ranges ? new JsonArray(one.Low, one.High) : (JsonNode)JsonValue.Create(one.Low))]);
                break;
            case BoolTest boolean:
                json["value"] = boolean.Wanted;
                break;
        }

        return json;
    }
}
