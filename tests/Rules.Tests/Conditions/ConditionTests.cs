using MLEvents.Events;

namespace MLEvents.Rules.Tests.Conditions;

/// <summary>Conditions on types and subjects, and combinations of conditions.</summary>
public sealed class ConditionTests
{
    private const string Holds = "includedEventTypes: [RunCompleted]";
    private const string Fails = "includedEventTypes: [ModelDeployed]";

    [Theory]
    [InlineData("includedEventTypes: [All]", true)]
    [InlineData("includedEventTypes: RunCompleted", true)]
    [InlineData("includedEventTypes: [Microsoft.MachineLearningServices.RunCompleted]", true)]
    [InlineData("includedEventTypes: [Contoso.RunCompleted]", false)]
    [InlineData("{ }", true)]
    [InlineData("{ subjectBeginsWith: EXPERIMENTS/, subjectEndsWith: /R }", true)]
    [InlineData("{ subjectBeginsWith: EXPERIMENTS/, isSubjectCaseSensitive: true }", false)]
    [InlineData("{ subjectEndsWith: runs }", false)]
    public void Types_and_subjects_are_compared(string when, bool expected) =>
        Assert.Equal(expected, TestData.Condition(when).Matches(TestData.Event()));

    [Theory]
    [InlineData($"any: [{{ {Fails} }}, {{ {Holds} }}]", true)]
    [InlineData($"any: [{{ {Fails} }}]", false)]
    [InlineData($"all: [{{ {Fails} }}, {{ {Holds} }}]", false)]
    [InlineData($"all: [{{ {Holds} }}, {{ {Holds} }}]", true)]
    [InlineData($"not: {{ {Fails} }}", true)]
    [InlineData($"not: {{ not: {{ {Fails} }} }}", false)]
    [InlineData($"any: [{{ all: [{{ {Holds} }}, {{ not: {{ {Fails} }} }}] }}]", true)]
    [InlineData($"{Holds}\nnot: {{ subjectEndsWith: r }}", false)]
    [InlineData($"{Holds}\nany: [{{ subjectEndsWith: r }}]", true)]
    public void Conditions_can_be_combined(string when, bool expected)
    {
        var condition = TestData.Condition(when);

        Assert.Equal(expected, condition.Matches(TestData.Event()));
        Assert.Equal(expected, condition.Explain(TestData.Event()).Matched);
    }

    [Fact]
    public void A_filter_that_the_Azure_CLI_printed_works_unchanged()
    {
        var condition = TestData.Condition("""
            {
              "advancedFilters": [
                { "key": "data.modelTags.stage", "operatorType": "StringIn", "values": [ "production" ] },
                { "key": "data.modelVersion", "operatorType": "NumberGreaterThan", "value": 2.0 }
              ],
              "enableAdvancedFilteringOnArrays": null,
              "includedEventTypes": [ "Microsoft.MachineLearningServices.ModelRegistered" ],
              "isSubjectCaseSensitive": null,
              "subjectBeginsWith": "models/churn:",
              "subjectEndsWith": ""
            }
            """);

        var matched = condition.Matches(TestData.Event("""{"ModelVersion":3,"modelTags":{"stage":"Production"}}""", EventTypes.ModelRegistered, "models/churn:3"));

        Assert.True(matched);
    }

    [Fact]
    public void An_explanation_contains_the_found_values()
    {
        var condition = TestData.Condition("""
            includedEventTypes: [RunCompleted]
            subjectBeginsWith: models/
            any:
              - advancedFilters: [{ operatorType: NumberGreaterThan, key: data.drift, value: 0.3 }]
              - advancedFilters: [{ operatorType: StringIn, key: data.tags, values: [a, b] }]
              - advancedFilters: [{ operatorType: IsNotNull, key: data.absent }]
              - not: { advancedFilters: [{ operatorType: NumberInRange, key: data.drift, values: [[1, 2], [3, 3]] }] }
            """);

        var explanation = condition.Explain(TestData.Event("""{"drift":0.25,"tags":["a"]}"""));

        Assert.Equal(
            """
            no  all: 2 of 3 hold
              yes includedEventTypes [Microsoft.MachineLearningServices.RunCompleted]: the type is Microsoft.MachineLearningServices.RunCompleted
              no  subjectBeginsWith 'models/': the subject is 'experiments/e/runs/r'
              yes any: 1 of 4 hold
                no  data.drift NumberGreaterThan 0.3: data.drift is 0.25
                no  data.tags StringIn ['a', 'b']: data.tags is ["a"], an array, and enableAdvancedFilteringOnArrays is off
                no  data.absent IsNotNull: data.absent is missing
                yes not: its part does not hold
                  no  data.drift NumberInRange [1..2, 3]: data.drift is 0.25
            """,
            explanation.ToString());
    }
}
