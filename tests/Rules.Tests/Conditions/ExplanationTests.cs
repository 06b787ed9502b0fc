using MLEvents.Events;
using MLEvents.Tests.Common;

namespace MLEvents.Rules.Tests.Conditions;

/// <summary>Tests how the command <c>mlevents rules test</c> explains each part of a condition.</summary>
public sealed class ExplanationTests
{
    private static readonly string Long = new('x', 80);

    [Theory]
    [InlineData("{ }", "yes all: it has no parts")]
    [InlineData("includedEventTypes: [RunCompleted, Contoso.Other]", $"yes includedEventTypes [{EventTypes.RunCompleted}, Contoso.Other]: the type is {EventTypes.RunCompleted}")]
    [InlineData("{ subjectBeginsWith: a/, subjectEndsWith: /r }", "no  subjectBeginsWith 'a/' and subjectEndsWith '/r': the subject is 'experiments/e/runs/r'")]
    [InlineData("{ subjectEndsWith: /R, isSubjectCaseSensitive: true }", "no  subjectEndsWith '/R' (case-sensitive): the subject is 'experiments/e/runs/r'")]
    [InlineData("not: { subjectEndsWith: r }", "no  not: its part holds")]
    [InlineData("not: { subjectEndsWith: x }", "yes not: its part does not hold")]
    [InlineData("any: [{ subjectEndsWith: x }, { subjectEndsWith: r }]", "yes any: 1 of 2 hold")]
    [InlineData("all: [{ subjectEndsWith: x }, { subjectEndsWith: r }]", "no  all: 1 of 2 hold")]
    [InlineData("advancedFilters: [{ operatorType: BoolEquals, key: data.b, value: true }]", "yes data.b BoolEquals true: data.b is true")]
    [InlineData("advancedFilters: [{ operatorType: BoolEquals, key: data.b, value: false }]", "no  data.b BoolEquals false: data.b is true")]
    [InlineData("advancedFilters: [{ operatorType: NumberIn, key: data.n, values: [1, 2.5] }]", "yes data.n NumberIn [1, 2.5]: data.n is 2.5")]
    [InlineData("advancedFilters: [{ operatorType: StringIn, key: subject, values: [x] }]", "no  subject StringIn ['x']: subject is 'experiments/e/runs/r'")]
    [InlineData("advancedFilters: [{ operatorType: StringIn, key: data.short, values: [x] }]", "no  data.short StringIn ['x']: data.short is \"LONG2\"")]
    [InlineData("advancedFilters: [{ operatorType: StringIn, key: data.long, values: [x] }]", "no  data.long StringIn ['x']: data.long is \"LONG1…")]
    [InlineData("advancedFilters: [{ operatorType: IsNotNull, key: data.nul }]", "no  data.nul IsNotNull: data.nul is missing")]
    [InlineData("{ enableAdvancedFilteringOnArrays: true, advancedFilters: [{ operatorType: StringIn, key: data.list, values: [a] }] }", "yes data.list StringIn ['a']: data.list is [\"a\"]")]
    [InlineData("advancedFilters: [{ operatorType: StringIn, key: data.list, values: [a] }]", "no  data.list StringIn ['a']: data.list is [\"a\"], an array, and enableAdvancedFilteringOnArrays is off")]
    public void Each_part_shows_its_condition_and_the_found_value(string when, string expected)
    {
        var data = $$"""{"b":true,"n":2.5,"nul":null,"list":["a"],"short":"{{Long[..78]}}","long":"{{Long}}"}""";

        var lines = TestData.Condition(when).Explain(TestData.Event(data)).ToString().Split('\n');

        Assert.Contains(expected.Replace("LONG1", Long[..79], StringComparison.Ordinal).Replace("LONG2", Long[..78], StringComparison.Ordinal), lines.Select(line => line.TrimStart()));
    }

    [Theory]
    [InlineData("name: [churn, sales]", "model modelName [churn, sales]: modelName is 'churn'")]
    [InlineData("version: 3", "model modelVersion [3]: modelVersion is '20'")]
    [InlineData("tags: { stage: [a, b] }", "model modelTags.stage [a, b]: modelTags.stage is 'production'")]
    [InlineData("properties: { kind: x }", "model modelProperties.kind [x]: modelProperties.kind is missing")]
    public void A_model_is_explained_value_by_value(string model, string expected)
    {
        using var folder = new TempFolder();
        var file = folder.Write("deployments.yaml", $"deployments:\n  - name: rule\n    model: {{ {model} }}\n    deploy: {{ endpoint: churn, location: westeurope }}\n");

        var explanation = RuleLoader.LoadDeployments(file).Rules.Single().When.Explain(TestData.Event("""{"modelName":"churn","modelVersion":20,"modelTags":{"stage":"production"}}""", EventTypes.ModelRegistered));

        Assert.Contains(expected, explanation.ToString(), StringComparison.Ordinal);
    }
}
