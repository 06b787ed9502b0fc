using MLEvents.Rules.Conditions;

namespace MLEvents.Rules.Tests.Conditions;

/// <summary>Keys for names with dots. Event Grid does not support such keys.</summary>
public sealed class DottedNameTests
{
    private const string Data = """{"runTags":{"azureml.pipelineid":"p","a.b":{"c":"deep"},"it's":"quoted"},"azureml.x":"top"}""";

    [Theory]
    [InlineData("data.runTags[\"azureml.pipelineid\"]", "p")]
    [InlineData("data.runTags['AzureML.PipelineId']", "p")]
    [InlineData("data.runTags['a.b'].c", "deep")]
    [InlineData("data['runTags']['a.b']['c']", "deep")]
    [InlineData("data['azureml.x']", "top")]
    [InlineData("data.runTags[\"it's\"]", "quoted")]
    public void A_name_in_brackets_is_one_level(string key, string expected) => Assert.True(Condition(key, expected).Matches(TestData.Event(Data)));

    [Fact]
    public void Without_brackets_a_dot_separates_levels() => Assert.False(Condition("data.runTags.azureml.pipelineid", "p").Matches(TestData.Event(Data)));

    [Theory]
    [InlineData("data[")]
    [InlineData("data[x]")]
    [InlineData("data['']")]
    [InlineData("data['x'")]
    [InlineData("data['x]")]
    [InlineData("data['x\"]")]
    [InlineData("data['x']y")]
    public void Brackets_that_are_not_well_formed_are_refused_with_an_example(string key)
    {
        Assert.Null(EventKey.Parse(key, out var error));

        Assert.Equal($"the key '{key}' is not well-formed; a name with dots is written [\"a.b\"]", error);
    }

    [Theory]
    [InlineData("data['x'].")]
    [InlineData("['x']")]
    public void An_empty_level_is_refused(string key)
    {
        Assert.Null(EventKey.Parse(key, out var error));

        Assert.Equal($"the key '{key}' has an empty level", error);
    }

    private static Condition Condition(string key, string value) => TestData.Condition($"advancedFilters: [{{ operatorType: StringIn, key: \"{key.Replace("\"", "\\\"", StringComparison.Ordinal)}\", values: [\"{value}\"] }}]");
}
