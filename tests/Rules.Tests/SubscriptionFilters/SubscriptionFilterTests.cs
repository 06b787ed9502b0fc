using CsCheck;

using MLEvents.Events;
using MLEvents.Rules.Conditions;
using MLEvents.Rules.SubscriptionFilters;
using MLEvents.Tests.Common;

namespace MLEvents.Rules.Tests.SubscriptionFilters;

/// <summary>
/// The filter of a subscription for given rules. It accepts every event that a rule matches. It excludes other events by the restrictions that all rules
/// share and that Event Grid can express.
/// </summary>
public sealed class SubscriptionFilterTests
{
    private const string Prefix = EventTypes.AzureMLPrefix;

    private static readonly string[] Parts =
    [
        "includedEventTypes: [RunCompleted]", "includedEventTypes: [ModelDeployed, RunCompleted]", "includedEventTypes: [All]", "subjectBeginsWith: mo", "subjectBeginsWith: Models/",
        "{ subjectBeginsWith: models/c, isSubjectCaseSensitive: true }", "subjectEndsWith: ':1'", "subjectEndsWith: '1'", Filter("StringIn", "values: [a, b]"), Filter("StringIn", "values: [b, C]"),
        Filter("StringNotIn", "values: [a]"), Filter("StringContains", "values: [a]"), Filter("StringBeginsWith", "values: [a]"), Filter("NumberGreaterThan", "value: 1"), Filter("NumberGreaterThan", "value: 2"),
        Filter("NumberLessThanOrEquals", "value: 2"), Filter("NumberIn", "values: [1, 3]"), Filter("NumberInRange", "values: [[0, 1], [3, 3]]"), Filter("NumberNotInRange", "values: [[0, 1]]"),
        Filter("BoolEquals", "value: true"), Filter("IsNotNull", "value: null"), Filter("IsNullOrUndefined", "value: null"), Filter("StringIn", "values: [a]", "data['d.e']"), Filter("StringIn", "values: [models/c:1]", "subject"),
        $"{{ enableAdvancedFilteringOnArrays: true, {Filter("StringIn", "values: [a]")[2..^2]} }}",
    ];

    private static readonly string[] Types = [EventTypes.RunCompleted, EventTypes.ModelDeployed, EventTypes.ModelRegistered, "Contoso.Other"];
    private static readonly string[] Subjects = ["", "models/c:1", "Models/C:1", "models/d:11", "mo"];
    private static readonly string[] Values = ["\"a\"", "\"B\"", "\"abc\"", "0", "1", "1.5", "2", "3", "true", "null", "[\"a\"]", "[1,3]", "{}"];

    private static readonly Gen<WorkflowEvent> Events = Gen.Select(Pick(Types), Pick(Subjects), Pick(Values), Gen.Bool, (type, subject, value, hasData) =>
        TestData.Event(hasData ? $$"""{"x":{{value}},"d.e":{{value}}}""" : "{}", type, subject));

    private static readonly Gen<string> Whens = Gen.Recursive<string>((depth, inner) => depth > 2
        ? Pick(Parts).Select(Braced)
        : Gen.OneOf(
            Pick(Parts).Select(Braced),
            inner.Array[1, 3].Select(all => $"{{ all: [{string.Join(", ", all)}] }}"),
            inner.Array[1, 3].Select(any => $"{{ any: [{string.Join(", ", any)}] }}"),
            inner.Select(not => $"{{ not: {not} }}")));

    [Fact]
    public void Every_event_that_a_rule_matches_passes_the_filter() =>
        Gen.Select(Whens.Array[1, 4], Events.Array[1, 20]).Sample(
            (whens, events) =>
            {
                var rules = whens.Select(when => Rule(when)).ToList();
                var filter = FilterOf(rules);
                Assert.All(events.Where(one => rules.Exists(rule => rule.Matches(one))), one => Assert.True(filter?.Matches(one), $"{one}: {SubscriptionFilter.Create(rules)} does not accept the event, but a rule matches it: {string.Join(" | ", whens)}"));
            },
            iter: 300);

    [Theory]
    [InlineData("{ includedEventTypes: [RunCompleted] }", "{ includedEventTypes: [ModelDeployed] }", $$"""{"includedEventTypes":["{{Prefix}}ModelDeployed","{{Prefix}}RunCompleted"]}""")]
    [InlineData("{ includedEventTypes: [RunCompleted] }", "{ }", "{}")]
    [InlineData("{ subjectBeginsWith: models/churn }", "{ subjectBeginsWith: Models/sales, isSubjectCaseSensitive: true }", """{"subjectBeginsWith":"models/","subjectEndsWith":"","isSubjectCaseSensitive":false}""")]
    [InlineData("{ subjectEndsWith: 'a:1', isSubjectCaseSensitive: true }", "{ subjectEndsWith: 'b:1', isSubjectCaseSensitive: true }", """{"subjectBeginsWith":"","subjectEndsWith":":1","isSubjectCaseSensitive":true}""")]
    [InlineData("{ advancedFilters: [{ operatorType: StringIn, key: data.x, values: [a, b] }] }", "{ advancedFilters: [{ operatorType: StringIn, key: data.X, values: [B, c] }] }", """{"advancedFilters":[{"operatorType":"StringIn","key":"data.x","values":["a","b","c"]}],"enableAdvancedFilteringOnArrays":false}""")]
    [InlineData("{ advancedFilters: [{ operatorType: NumberGreaterThan, key: data.x, value: 0.3 }] }", "{ advancedFilters: [{ operatorType: NumberGreaterThan, key: data.x, value: 0.2 }] }", """{"advancedFilters":[{"operatorType":"NumberGreaterThan","key":"data.x","value":0.2}],"enableAdvancedFilteringOnArrays":false}""")]
    [InlineData("{ advancedFilters: [{ operatorType: NumberInRange, key: data.x, values: [[1, 2]] }] }", "{ advancedFilters: [{ operatorType: NumberInRange, key: data.x, values: [[5, 6]] }] }", """{"advancedFilters":[{"operatorType":"NumberInRange","key":"data.x","values":[[1,2],[5,6]]}],"enableAdvancedFilteringOnArrays":false}""")]
    [InlineData("{ advancedFilters: [{ operatorType: NumberLessThan, key: data.x, value: 1 }] }", "{ advancedFilters: [{ operatorType: NumberLessThan, key: data.x, value: 2 }] }", """{"advancedFilters":[{"operatorType":"NumberLessThan","key":"data.x","value":2}],"enableAdvancedFilteringOnArrays":false}""")]
    [InlineData("{ advancedFilters: [{ operatorType: NumberGreaterThan, key: data.x, value: 0.2 }] }", "{ advancedFilters: [{ operatorType: NumberGreaterThan, key: data.x, value: 0.3 }] }", """{"advancedFilters":[{"operatorType":"NumberGreaterThan","key":"data.x","value":0.2}],"enableAdvancedFilteringOnArrays":false}""")]
    [InlineData("{ advancedFilters: [{ operatorType: NumberLessThan, key: data.x, value: 2 }] }", "{ advancedFilters: [{ operatorType: NumberLessThan, key: data.x, value: 1 }] }", """{"advancedFilters":[{"operatorType":"NumberLessThan","key":"data.x","value":2}],"enableAdvancedFilteringOnArrays":false}""")]
    [InlineData("{ advancedFilters: [{ operatorType: BoolEquals, key: data.x, value: true }] }", "{ advancedFilters: [{ operatorType: BoolEquals, key: data.x, value: true }] }", """{"advancedFilters":[{"operatorType":"BoolEquals","key":"data.x","value":true}],"enableAdvancedFilteringOnArrays":false}""")]
    [InlineData("{ advancedFilters: [{ operatorType: BoolEquals, key: data.x, value: true }] }", "{ advancedFilters: [{ operatorType: BoolEquals, key: data.x, value: false }] }", "{}")]
    [InlineData("{ enableAdvancedFilteringOnArrays: true, advancedFilters: [{ operatorType: StringIn, key: data.x, values: [a] }] }", "{ advancedFilters: [{ operatorType: StringIn, key: data.x, values: [b] }] }", """{"advancedFilters":[{"operatorType":"StringIn","key":"data.x","values":["a","b"]}],"enableAdvancedFilteringOnArrays":true}""")]
    [InlineData("{ all: [{ subjectBeginsWith: mo }, { subjectBeginsWith: models/, isSubjectCaseSensitive: true }] }", "{ subjectBeginsWith: models/c, isSubjectCaseSensitive: true }", """{"subjectBeginsWith":"models/","subjectEndsWith":"","isSubjectCaseSensitive":false}""")]
    public void The_filter_has_the_restrictions_that_both_rules_share(string one, string two, string expected) =>
        Assert.Equal(expected, SubscriptionFilter.Create([Rule(one), Rule(two)])?.ToJsonString());

    [Theory]
    [InlineData("id", true)]
    [InlineData("topic", true)]
    [InlineData("source", true)]
    [InlineData("eventType", true)]
    [InlineData("subject", true)]
    [InlineData("dataVersion", true)]
    [InlineData("data.a.b", true)]
    [InlineData("DATA.a", true)]
    [InlineData("eventTime", false)]
    [InlineData("comexample", false)]
    [InlineData("data['a.b']", false)]
    [InlineData("data.c['a.b']", false)]
    public void A_key_is_in_the_filter_if_a_subscription_can_name_it(string key, bool named)
    {
        var filter = SubscriptionFilter.Create([Rule($"{{ {Filter("StringIn", "values: [x]", key)[2..^2]} }}")]);

        Assert.Equal(named, filter?.ToJsonString().Contains("\"values\":[\"x\"]", StringComparison.Ordinal));
    }

    [Fact]
    public void Without_an_enabled_rule_that_can_match_an_event_there_is_no_filter()
    {
        Assert.Null(SubscriptionFilter.Create([Rule("{ }") with { Enabled = false }]));
        Assert.Null(SubscriptionFilter.Create([Rule("{ all: [{ includedEventTypes: [RunCompleted] }, { includedEventTypes: [ModelDeployed] }] }")]));
    }

    [Theory]
    [InlineData("ActionChanged")]
    [InlineData("MLEvents.RolloutRequested")]
    [InlineData("mlevents.Other")]
    public void Event_types_that_the_services_raise_are_not_in_the_filter(string type)
    {
        Assert.Null(SubscriptionFilter.Create([Rule($"{{ includedEventTypes: [{type}] }}")]));
        Assert.Equal($$"""{"includedEventTypes":["{{Prefix}}RunCompleted"]}""", SubscriptionFilter.Create([Rule($"{{ includedEventTypes: [{type}, RunCompleted] }}")])?.ToJsonString());
    }

    [Fact]
    public void A_model_s_name_is_part_of_the_filter_of_a_deployment_rule()
    {
        var rules = RuleLoader.LoadDeployments(Files.Rules("deployments.yaml")).Rules;

        var filter = SubscriptionFilter.Create(rules);

        Assert.Equal(["churn"], filter?["advancedFilters"]?[0]?["values"]?.AsArray().Select(value => value?.ToString()));
        Assert.Equal([EventTypes.ModelRegistered], filter?["includedEventTypes"]?.AsArray().Select(value => value?.ToString()));
    }

    [Fact]
    public void Filters_beyond_the_limits_of_a_subscription_are_left_out()
    {
        var rules = Enumerable.Range(0, 3).Select(n => Rule($"{{ advancedFilters: [{{ operatorType: StringIn, key: data.x, values: [{string.Join(", ", Enumerable.Range(0, 10).Select(m => $"v{n}{m}"))}] }}, {{ operatorType: IsNotNull, key: data.y }}] }}"));

        var filters = SubscriptionFilter.Create(rules)?["advancedFilters"]?.AsArray() ?? [];

        Assert.Equal("IsNotNull", Assert.Single(filters)?["operatorType"]?.ToString());
    }

    [Fact]
    public void Many_alternatives_are_combined_into_one_filter()
    {
        var any = "{ any: [" + string.Join(", ", Enumerable.Range(0, 10).Select(n => $"{{ subjectBeginsWith: models/{n} }}")) + "] }";

        var filter = SubscriptionFilter.Create([Rule($"{{ all: [{any}, {any}, {any}, {any}, {any}] }}")]);

        Assert.Equal("models/", filter?["subjectBeginsWith"]?.ToString());
    }

    private static AlertRule Rule(string when)
    {
        using var folder = new TempFolder();
        return RuleLoader.LoadAlerts(folder.Write("alerts.yaml", $"alerts:\n  - name: r\n    when: {when}\n    send: {{ channel: x, forward: true }}\n")).Rules.Single();
    }

    private static Condition? FilterOf(IEnumerable<Rule> rules) => SubscriptionFilter.Create(rules) is { } filter ? TestData.Condition(filter.ToJsonString()) : null;

    private static string Filter(string operation, string operand, string key = "data.x") => $"{{ advancedFilters: [{{ operatorType: {operation}, key: \"{key}\", {operand} }}] }}";

    private static string Braced(string part) => part.StartsWith('{') ? part : $"{{ {part} }}";

    private static Gen<string> Pick(string[] values) => Gen.Int[0, values.Length - 1].Select(index => values[index]);
}
