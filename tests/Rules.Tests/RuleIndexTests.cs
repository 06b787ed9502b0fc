using System.Globalization;

using CsCheck;

using MLEvents.Events;
using MLEvents.Rules.Indexing;
using MLEvents.Tests.Common;

namespace MLEvents.Rules.Tests;

/// <summary>The index finds the same rules as the evaluation of every rule, in the order of the file.</summary>
public sealed class RuleIndexTests
{
    private static readonly string[] Types = [EventTypes.RunCompleted, EventTypes.ModelRegistered, "Contoso.Thing"];

    private static readonly Gen<string> Value = Pick("\"a\"", "\"A\"", "\"b\"", "\"1\"", "1", "1.0", "-0", "true", "false", "null", "{}", "[\"a\",1,true]", "[]", "\"\\ud800\"", "1e400");

    private static readonly Gen<string> Data = Gen.Select(Value, Value, (x, y) => $$"""{"x":{{x}},"runTags":{"y":{{y}}},"modelName":{{x}},"modelVersion":{{y}}}""");

    private static readonly Gen<string> Filter = Gen.Select(Pick("data.x", "data.runTags.y", "DATA.X", "subject", "id", "data['x.y']"), Gen.OneOf(
        Pick("[a]", "[B, a]", "['1']", "['true']").Select(values => $"operatorType: StringIn, values: {values}"),
        Pick("[1]", "[0, 2]").Select(values => $"operatorType: NumberIn, values: {values}"),
        Pick("true", "false").Select(value => $"operatorType: BoolEquals, value: {value}"),
        Pick("[a]", "[b]").Select(values => $"operatorType: StringNotIn, values: {values}"),
        Gen.Const("operatorType: IsNullOrUndefined"),
        Gen.Const("operatorType: NumberGreaterThan, value: 0"))).Select(filter => $"{{ key: \"{filter.Item1}\", {filter.Item2} }}");

    private static readonly Gen<string> Leaf = Gen.Select(
        Pick("", "includedEventTypes: [RunCompleted], ", "includedEventTypes: [ModelRegistered, Contoso.Thing], ", "includedEventTypes: [All], "),
        Pick("", "subjectBeginsWith: models/, ", "subjectBeginsWith: Models/churn, ", "subjectBeginsWith: models/Churn, isSubjectCaseSensitive: true, "),
        Pick("", "enableAdvancedFilteringOnArrays: true, "),
        Filter.Array[0, 3]).Select(parts => $"{{ {parts.Item1}{parts.Item2}{parts.Item3}{(parts.Item4.Length == 0 ? "" : $"advancedFilters: [{string.Join(", ", parts.Item4)}]")} }}".Replace(",  }", " }", StringComparison.Ordinal));

    private static readonly Gen<string> When = Gen.Recursive<string>((depth, inner) => depth > 2 ? Leaf : Gen.OneOf(
        Leaf,
        Leaf,
        inner.Array[1, 3].Select(items => $"{{ any: [{string.Join(", ", items)}] }}"),
        inner.Array[1, 3].Select(items => $"{{ all: [{string.Join(", ", items)}] }}"),
        inner.Select(item => $"{{ not: {item} }}")));

    private static readonly Gen<WorkflowEvent> Event = Gen.Select(Data, Pick(Types), Pick("models/churn:1", "models/Churn:2", "MODELS/", "a", ""))
        .Select(parts => TestData.Event(parts.Item1, parts.Item2, parts.Item3.Length == 0 ? "s" : parts.Item3) with { Subject = parts.Item3 });

    [Fact]
    public void The_index_finds_the_same_rules_as_the_evaluation_of_every_rule()
    {
        using var folder = new TempFolder();
        Gen.Select(When.Array[1, 12], Event.Array[5]).Sample(
            (conditions, events) =>
            {
                var rules = Load(folder, conditions);
                Assert.All(events, workflowEvent => Assert.Equal(
                    rules.Rules.Where(rule => rule.Matches(workflowEvent)).Select(rule => rule.Name), rules.Matching(workflowEvent).Select(rule => rule.Name)));
            },
            iter: 300);
    }

    [Theory]
    [InlineData("\"churn\"")]
    [InlineData("7")]
    [InlineData("true")]
    public void A_rule_for_a_model_finds_a_model_name_of_any_JSON_type(string name)
    {
        using var folder = new TempFolder();
        var file = folder.Write("deployments.yaml", $"deployments:\n  - name: d\n    model: {{ name: {name} }}\n    deploy: {{ endpoint: churn, location: westeurope }}\n");

        Assert.Single(RuleLoader.LoadDeployments(file).Matching(TestData.Event($$"""{"modelName":{{name}},"modelVersion":"1"}""", EventTypes.ModelRegistered)));
    }

    [Fact]
    public void Only_the_rules_that_can_match_the_event_are_candidates()
    {
        using var folder = new TempFolder();
        var rules = Load(folder, [.. Enumerable.Range(0, 300).Select(number =>
            string.Create(CultureInfo.InvariantCulture, $"{{ includedEventTypes: [RunCompleted], advancedFilters: [{{ operatorType: StringIn, key: data.x, values: [v{number}, w{number % 100}] }}] }}"))]);
        var index = RuleIndex.Create(rules.Rules);

        Assert.Equal([7, 107, 207], index.CandidatesFor(TestData.Event("""{"x":"W7"}""")));
        Assert.Equal([299], index.CandidatesFor(TestData.Event("""{"x":["v299","nothing"]}""")));
        Assert.Empty(index.CandidatesFor(TestData.Event("""{"x":"v1"}""", EventTypes.ModelDeployed)));
    }

    [Fact]
    public void A_disabled_rule_is_not_a_candidate()
    {
        using var folder = new TempFolder();
        var file = folder.Write("alerts.yaml", "alerts:\n  - name: off\n    enabled: false\n    when: {}\n    send: { channel: x, forward: true }\n");

        Assert.Empty(RuleIndex.Create(RuleLoader.LoadAlerts(file).Rules).CandidatesFor(TestData.Event()));
    }

    private static RuleSet<AlertRule> Load(TempFolder folder, IReadOnlyList<string> conditions) => RuleLoader.LoadAlerts(folder.Write($"{Guid.NewGuid():N}.yaml", "alerts:\n" + string.Concat(
        conditions.Select((when, position) => $"  - name: r{position}\n    when: {when}\n    send: {{ channel: x, forward: true }}\n"))));

    private static Gen<string> Pick(params string[] values) => Gen.Int[0, values.Length - 1].Select(index => values[index]);
}
