using MLEvents.Events;

namespace MLEvents.Rules.Tests.Conditions;

/// <summary>Each of the nineteen operators, on values of every kind.</summary>
public sealed class AdvancedFilterTests
{
    private const string Data = """
        {"n":5,"neg":-1.5,"big":1e400,"b":true,"s":"Contoso East","esc":"a\u0022b","bad":"\uD800","num":"5","nul":null,"obj":{"x":1},
         "strs":["red","Green"],"nums":[1,20],"mixed":["red",7,null,{}],"empty":[],"Case":"upper","case":"lower","\ud800":"bad name","\u0065sc2":"escaped name","data":{"data":"deep"},"ünï":"Ä"}
        """;

    private const string More = """
        "comexample":"5","dataversion":"2","metadataversion":"1","datacontenttype":"application/json","dataschema":"/schema",
        """;

    [Theory]
    [InlineData("NumberIn", "n", "[1, 5.0]", true)]
    [InlineData("NumberIn", "num", "[5]", false)]
    [InlineData("NumberNotIn", "n", "[5]", false)]
    [InlineData("NumberNotIn", "s", "[5]", true)]
    [InlineData("NumberInRange", "neg", "[[-2, -1]]", true)]
    [InlineData("NumberInRange", "nul", "[[-2, -1]]", false)]
    [InlineData("NumberNotInRange", "n", "[[6, 7]]", true)]
    [InlineData("NumberNotInRange", "absent", "[[6, 7]]", false)]
    [InlineData("StringIn", "s", "[contoso east]", true)]
    [InlineData("StringIn", "n", "['5']", false)]
    [InlineData("StringIn", "nul", "['null']", false)]
    [InlineData("StringNotIn", "nul", "[x]", true)]
    [InlineData("StringNotIn", "obj", "[x]", true)]
    [InlineData("StringContains", "esc", "['a\"B']", true)]
    [InlineData("StringContains", "bad", "[x]", false)]
    [InlineData("StringNotContains", "bad", "[x]", true)]
    [InlineData("StringIn", "ESC2", "[escaped name]", true)]
    [InlineData("StringNotContains", "nul", "[x]", false)]
    [InlineData("StringBeginsWith", "s", "[x, CON]", true)]
    [InlineData("StringNotBeginsWith", "s", "[x]", true)]
    [InlineData("StringEndsWith", "s", "[EAST]", true)]
    [InlineData("StringNotEndsWith", "s", "[EAST]", false)]
    [InlineData("StringIn", "ÜNÏ", "[ä]", true)]
    [InlineData("StringIn", "case", "[lower]", true)]
    [InlineData("StringIn", "Case", "[upper]", true)]
    [InlineData("StringIn", "CASE", "[upper]", true)]
    [InlineData("StringIn", "data.data", "[deep]", true)]
    [InlineData("StringIn", "s.length", "['12']", false)]
    [InlineData("StringIn", "s.ünï", "[x]", false)]
    [InlineData("StringIn", "ünï", "[Ä]", true)]
    [InlineData("StringIn", "nul.x", "[x]", false)]
    [InlineData("stringin", "s", "[Contoso East]", true)]
    [InlineData("StringContains", "s", "['']", true)]
    [InlineData("StringBeginsWith", "s", "['']", true)]
    [InlineData("StringEndsWith", "s", "['']", true)]
    [InlineData("StringEndsWith", "n", "['']", false)]
    [InlineData("StringContains", "nul", "['']", false)]
    [InlineData("StringNotContains", "s", "['']", false)]
    public void Operators_with_several_values_are_evaluated(string operation, string key, string values, bool expected)
    {
        var condition = TestData.Condition($$"""advancedFilters: [{ operatorType: {{operation}}, key: data.{{key}}, values: {{values}} }]""");

        Assert.Equal(expected, condition.Matches(TestData.Event(Data)));
    }

    [Theory]
    [InlineData("NumberLessThan", "n", "5", false)]
    [InlineData("NumberLessThan", "neg", "0", true)]
    [InlineData("NumberLessThanOrEquals", "n", "5", true)]
    [InlineData("NumberGreaterThan", "n", "4.999", true)]
    [InlineData("NumberGreaterThan", "num", "1", false)]
    [InlineData("NumberGreaterThanOrEquals", "n", "5.0001", false)]
    [InlineData("NumberGreaterThan", "big", "1e300", true)]
    [InlineData("BoolEquals", "b", "true", true)]
    [InlineData("BoolEquals", "b", "false", false)]
    [InlineData("BoolEquals", "s", "true", false)]
    public void Operators_with_one_value_are_evaluated(string operation, string key, string value, bool expected)
    {
        var condition = TestData.Condition($$"""advancedFilters: [{ operatorType: {{operation}}, key: data.{{key}}, value: {{value}} }]""");

        Assert.Equal(expected, condition.Matches(TestData.Event(Data)));
    }

    [Theory]
    [InlineData("IsNullOrUndefined", "nul", true)]
    [InlineData("IsNullOrUndefined", "obj.y", true)]
    [InlineData("IsNullOrUndefined", "empty", false)]
    [InlineData("IsNotNull", "obj.x", true)]
    [InlineData("IsNotNull", "nul", false)]
    public void Operators_without_a_value_test_whether_the_key_has_a_value(string operation, string key, bool expected)
    {
        var condition = TestData.Condition($$"""advancedFilters: [{ operatorType: {{operation}}, key: data.{{key}}, value: null }]""");

        Assert.Equal(expected, condition.Matches(TestData.Event(Data)));
    }

    [Theory]
    [InlineData("StringIn", "strs", "[GREEN]", true)]
    [InlineData("StringNotIn", "strs", "[GREEN]", false)]
    [InlineData("StringIn", "mixed", "[red]", true)]
    [InlineData("StringNotContains", "empty", "[x]", true)]
    [InlineData("NumberNotIn", "mixed", "[7]", false)]
    public void Arrays_are_compared_element_by_element_if_enableAdvancedFilteringOnArrays_is_on(string operation, string key, string values, bool expected)
    {
        var filter = $$"""advancedFilters: [{ operatorType: {{operation}}, key: data.{{key}}, values: {{values}} }]""";

        var condition = TestData.Condition($"enableAdvancedFilteringOnArrays: true\n{filter}");

        Assert.Equal(expected, condition.Matches(TestData.Event(Data)));
    }

    [Theory]
    [InlineData("id", "event-1")]
    [InlineData("Topic", TestData.Workspace)]
    [InlineData("source", TestData.Workspace)]
    [InlineData("eventType", EventTypes.RunCompleted)]
    [InlineData("TYPE", EventTypes.RunCompleted)]
    [InlineData("Subject", "experiments/e/runs/r")]
    [InlineData("specVersion", "1.0")]
    [InlineData("eventTime", "2026-03-04T05:06:07Z")]
    [InlineData("dataVersion", "2")]
    [InlineData("metadataVersion", "1")]
    [InlineData("dataContentType", "application/json")]
    [InlineData("dataSchema", "/schema")]
    [InlineData("comexample", "5")]
    public void Attributes_are_found_by_their_CloudEvents_name_and_by_their_Event_Grid_name(string key, string value)
    {
        var condition = TestData.Condition($$"""advancedFilters: [{ operatorType: StringIn, key: {{key}}, values: ["{{value}}"] }]""");

        Assert.True(condition.Matches(TestData.Event(extensions: More)));
    }

    [Fact]
    public void The_key_subject_is_undefined_for_an_event_without_a_subject()
    {
        var condition = TestData.Condition("advancedFilters: [{ operatorType: IsNullOrUndefined, key: subject }]");

        Assert.True(condition.Matches(TestData.Event(subject: "")));
    }

    [Fact]
    public void A_long_text_is_compared_too()
    {
        var condition = TestData.Condition("advancedFilters: [{ operatorType: StringEndsWith, key: data.s, values: [end] }]");

        Assert.True(condition.Matches(TestData.Event($$"""{"s":"{{new string('x', 5000)}}END"}""")));
    }

    [Fact]
    public void Matching_does_not_allocate()
    {
        var condition = TestData.Condition("""
            includedEventTypes: [RunCompleted]
            advancedFilters:
              - { operatorType: StringContains, key: data.s, values: [east] }
              - { operatorType: NumberGreaterThan, key: data.n, value: 6 }
            """);
        var workflowEvent = TestData.Event(Data);
        condition.Matches(workflowEvent);

        var before = GC.GetAllocatedBytesForCurrentThread();
        condition.Matches(workflowEvent);
        var after = GC.GetAllocatedBytesForCurrentThread();

        Assert.Equal(before, after);
    }
}
