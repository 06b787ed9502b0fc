using System.Text.Json.Nodes;

using MLEvents.Events;
using MLEvents.Rules.Conditions;

namespace MLEvents.Rules.SubscriptionFilters;

/// <summary>Event Grid subscription filters that let through what rules need, so that the rest is never delivered.</summary>
public static class SubscriptionFilter
{
    private const int MaxFilters = 25;
    private const int MaxValues = 25;

    /// <summary>The smallest filter that covers the conditions of enabled rules, as <c>az eventgrid event-subscription show</c> prints it.</summary>
    /// <remarks>
    /// A subscription has one filter, all of whose parts must hold; so it can ask only for what every rule asks for, and lets more through than the rules take.
    /// What Event Grid can't express (<c>not</c>, names with dots), and negated operators, are left to the rules.
    /// </remarks>
    /// <returns>The filter; null when no rule is enabled or none can ever hold.</returns>
    public static JsonObject? SubscriptionFilters(IEnumerable<Rule> rules)
    {
        List<Cover> covers = [.. rules.Where(rule => rule.Enabled).SelectMany(rule => rule.When.Covers()).Select(OfAzure).OfType<Cover>()];
        return covers.Count == 0 ? null : ToJson(CoverUnion.Combine(covers));
    }

    // The services raise these events themselves, and Event Grid refuses the type.
    private static Cover? OfAzure(Cover cover)
    {
        if (cover.Types?.Contains(EventTypes.ActionChanged) != true)
        {
            return cover;
        }

        string[] types = [.. cover.Types.Where(type => type != EventTypes.ActionChanged)];
        return types.Length == 0 ? null : cover with { Types = types };
    }

    private static JsonObject ToJson(Cover cover)
    {
        var filters = WithinLimits(cover.Filters);
        var filter = new JsonObject();
        if (cover.Types is { } types)
        {
            filter["includedEventTypes"] = new JsonArray([.. types.Select(type => JsonValue.Create(type))]);
        }

        if (cover.BeginsWith.Length + cover.EndsWith.Length > 0)
        {
            filter["subjectBeginsWith"] = cover.BeginsWith;
            filter["subjectEndsWith"] = cover.EndsWith;
            filter["isSubjectCaseSensitive"] = cover.CaseSensitive;
        }

        if (filters.Count > 0)
        {
            filter["advancedFilters"] = new JsonArray([.. filters.Select(ToJson)]);
            filter["enableAdvancedFilteringOnArrays"] = filters.Exists(one => one.Arrays);
        }

        return filter;
    }

    // What has most values goes first when it is too much for one subscription.
    private static List<AdvancedFilter> WithinLimits(IReadOnlyList<AdvancedFilter> all)
    {
        List<AdvancedFilter> filters = [.. all.OrderBy(Count).Take(MaxFilters)];
        while (filters.Sum(Count) > MaxValues)
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
