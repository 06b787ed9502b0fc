using System.Text.Json.Nodes;

using MLEvents.Local.Simulator.Arm;
using MLEvents.Local.Simulator.EventGrid;

namespace MLEvents.Local.Simulator.Tests;

public sealed class EventFilterTests
{
    [Fact]
    public void Every_reference_vector_has_the_expected_result()
    {
        var reference = Reference.Read("filters-vectors.json");

        var wrong = (reference["vectors"]?.AsArray() ?? [])
            .Where(vector => EventFilter.Parse(vector?["filter"]).Matches(reference["events"]?[(string?)vector?["event"] ?? ""]?.AsObject() ?? []) != (bool?)vector?["match"])
            .Select(vector => (string?)vector?["id"]);

        Assert.Empty(wrong);
    }

    [Theory]
    [InlineData("""{"operatorType":"StringLike","key":"subject","values":["a"]}""")]
    [InlineData("""{"operatorType":"StringIn","values":["a"]}""")]
    [InlineData("""{"operatorType":"StringIn","key":"subject","values":[5]}""")]
    [InlineData("""{"operatorType":"NumberLessThan","key":"data.n"}""")]
    [InlineData("""{"operatorType":"NumberInRange","key":"data.n","values":[[1]]}""")]
    [InlineData("""{"operatorType":"NumberIn","key":"data.n","values":[[1,2]]}""")]
    public void A_filter_that_Event_Grid_rejects_is_rejected(string filter) =>
        Assert.Throws<ArmRefusal>(() => SubscriptionAdvancedFilter.Parse(JsonNode.Parse(filter), arrays: false));

    // docs/rules.md states this behavior for rules. Azure does not document how Event Grid handles an empty value.
    [Theory]
    [InlineData("StringContains", "a", true)]
    [InlineData("StringBeginsWith", "a", true)]
    [InlineData("StringEndsWith", "a", true)]
    [InlineData("StringEndsWith", "", true)]
    [InlineData("StringIn", "a", false)]
    public void An_empty_value_matches_every_text_only_with_StringContains_StringBeginsWith_and_StringEndsWith(string operation, string subject, bool expected)
    {
        var filter = new JsonObject { ["operatorType"] = operation, ["key"] = "subject", ["values"] = new JsonArray("") };

        Assert.Equal(expected, EventFilter.Parse(new JsonObject { ["advancedFilters"] = new JsonArray(filter) }).Matches(new JsonObject { ["subject"] = subject }));
    }

    [Fact]
    public void More_than_25_values_or_a_value_over_512_characters_is_rejected()
    {
        var many = new JsonArray([.. Enumerable.Range(0, 26).Select(number => JsonValue.Create($"{number}"))]);
        var filter = new JsonObject { ["operatorType"] = "StringIn", ["key"] = "subject", ["values"] = many };
        var longOne = new JsonObject { ["operatorType"] = "StringIn", ["key"] = "subject", ["values"] = new JsonArray(new string('x', 513)) };

        Assert.Throws<ArmRefusal>(() => EventFilter.Parse(new JsonObject { ["advancedFilters"] = new JsonArray(filter) }));
        Assert.Throws<ArmRefusal>(() => EventFilter.Parse(new JsonObject { ["advancedFilters"] = new JsonArray(longOne) }));
    }
}
