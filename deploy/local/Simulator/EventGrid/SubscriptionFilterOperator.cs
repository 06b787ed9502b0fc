using System.Text.Json;
using System.Text.Json.Nodes;

namespace MLEvents.Local.Simulator.EventGrid;

/// <summary>One operator of advanced filters: the JSON kinds that it compares, whether it is negated, and its result for a missing key.</summary>
/// <param name="Values">The member of the filter that contains the compared values: <c>value</c> or <c>values</c>; null if the operator compares none.</param>
/// <param name="Negated">Whether one matching value makes the filter fail.</param>
/// <param name="MatchesMissing">The result when the key is missing or null.</param>
/// <param name="Kinds">The compared JSON kinds; other kinds are ignored.</param>
/// <param name="Hits">Compares an event's value with a filter's value.</param>
internal sealed record SubscriptionFilterOperator(string? Values, bool Negated, bool MatchesMissing, JsonValueKind[] Kinds, Func<JsonNode, JsonNode, bool> Hits)
{
    private static readonly JsonValueKind[] Text = [JsonValueKind.String];
    private static readonly JsonValueKind[] Numeric = [JsonValueKind.Number];
    private static readonly JsonValueKind[] Boolean = [JsonValueKind.True, JsonValueKind.False];

    /// <summary>All operators by name, ignoring case.</summary>
    public static readonly IReadOnlyDictionary<string, SubscriptionFilterOperator> All = new Dictionary<string, SubscriptionFilterOperator>(StringComparer.OrdinalIgnoreCase)
    {
        ["NumberIn"] = Numbers("values", (key, value) => key.Equals(value)),
        ["NumberNotIn"] = Numbers("values", (key, value) => key.Equals(value)) with { Negated = true, MatchesMissing = true },
        ["NumberLessThan"] = Numbers("value", (key, value) => key < value),
        ["NumberLessThanOrEquals"] = Numbers("value", (key, value) => key <= value),
        ["NumberGreaterThan"] = Numbers("value", (key, value) => key > value),
        ["NumberGreaterThanOrEquals"] = Numbers("value", (key, value) => key >= value),
        ["NumberInRange"] = new("values", false, false, Numeric, InRange),
        ["NumberNotInRange"] = new("values", true, false, Numeric, InRange),
        ["BoolEquals"] = new("value", false, false, Boolean, (key, value) => key.GetValueKind() == value.GetValueKind()),
        ["StringContains"] = Strings((key, value) => key.Contains(value, StringComparison.OrdinalIgnoreCase)),
        ["StringNotContains"] = Strings((key, value) => key.Contains(value, StringComparison.OrdinalIgnoreCase)) with { Negated = true },
        ["StringBeginsWith"] = Strings((key, value) => key.StartsWith(value, StringComparison.OrdinalIgnoreCase)),
        ["StringNotBeginsWith"] = Strings((key, value) => key.StartsWith(value, StringComparison.OrdinalIgnoreCase)) with { Negated = true },
        ["StringEndsWith"] = Strings((key, value) => key.EndsWith(value, StringComparison.OrdinalIgnoreCase)),
        ["StringNotEndsWith"] = Strings((key, value) => key.EndsWith(value, StringComparison.OrdinalIgnoreCase)) with { Negated = true },
        ["StringIn"] = Strings((key, value) => key.Equals(value, StringComparison.OrdinalIgnoreCase)),
        ["StringNotIn"] = Strings((key, value) => key.Equals(value, StringComparison.OrdinalIgnoreCase)) with { Negated = true, MatchesMissing = true },
        ["IsNullOrUndefined"] = new(null, false, true, [], (_, _) => false),
        ["IsNotNull"] = new(null, true, false, [], (_, _) => false),
    };

    /// <summary>Whether a value is valid for this operator.</summary>
    public bool Accepts(JsonNode? value) => value switch
    {
        JsonArray pair => Hits == InRange && pair.Count == 2 && pair.All(end => end?.GetValueKind() == JsonValueKind.Number),
        null => false,
        _ => Hits != InRange && Kinds.Contains(value.GetValueKind()),
    };

    /// <summary>Whether the event's value matches.</summary>
    public bool Matches(JsonNode? key, IReadOnlyList<JsonNode> values, bool arrays)
    {
        if (key is null)
        {
            return MatchesMissing;
        }

        var hit = Candidates(key, arrays).Any(candidate => values.Any(value => Hits(candidate, value)));
        return Negated ? !hit : hit;
    }

    // Array elements and scalars of a type that the operator does not compare are ignored.
    private IEnumerable<JsonNode> Candidates(JsonNode key, bool arrays) => key switch
    {
        JsonArray many when arrays => many.OfType<JsonValue>().Where(item => Kinds.Contains(item.GetValueKind())),
        JsonValue one when Kinds.Contains(one.GetValueKind()) => [one],
        _ => [],
    };

    private static SubscriptionFilterOperator Numbers(string values, Func<double, double, bool> hits) =>
        new(values, false, false, Numeric, (key, value) => hits(key.GetValue<double>(), value.GetValue<double>()));

    private static SubscriptionFilterOperator Strings(Func<string, string, bool> hits) =>
        new("values", false, false, Text, (key, value) => hits(key.GetValue<string>(), value.GetValue<string>()));

    private static bool InRange(JsonNode key, JsonNode pair) =>
        pair is JsonArray { Count: 2 } ends && key.GetValue<double>() is var number && number >= ends[0]?.GetValue<double>() && number <= ends[1]?.GetValue<double>();
}
