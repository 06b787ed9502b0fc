using System.Text.Json.Nodes;

using MLEvents.Cli.Filters;
using MLEvents.Cli.Tests.Rules;
using MLEvents.Tests.Common;

namespace MLEvents.Cli.Tests.Filters;

public sealed class FilterTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task The_filter_of_the_sample_rules_takes_all_five_types()
    {
        var (code, output, _) = await CliRun.StartAsync("filter", Sample.Rules);

        Assert.Equal(0, code);
        Assert.Equal(5, JsonNode.Parse(output)?["includedEventTypes"]?.AsArray().Count);
    }

    [Fact]
    public async Task It_comes_as_arguments_for_az()
    {
        var rules = Sample.Alert(_folder, "{ includedEventTypes: [RunCompleted], subjectBeginsWith: \"it's\", advancedFilters: [{ operatorType: NumberInRange, key: data.n, values: [[1, 2], [3, 4.5]] }, { operatorType: BoolEquals, key: data.b, value: true }] }");

        var (_, output, _) = await CliRun.StartAsync("filter", rules, "--format", "az");

        Assert.Equal(
            @"--included-event-types Microsoft.MachineLearningServices.RunCompleted --subject-begins-with 'it'\''s' --advanced-filter data.b BoolEquals true --advanced-filter data.n NumberInRange 1,2 3,4.5",
            output.Trim());
    }

    [Fact]
    public async Task It_comes_as_a_bicep_parameter()
    {
        var rules = Sample.Alert(_folder, "{ includedEventTypes: [RunCompleted], advancedFilters: [{ operatorType: NumberGreaterThan, key: data.n, value: 0.3 }] }");

        var (_, output, _) = await CliRun.StartAsync("filter", rules, "--format", "bicep");

        Assert.Equal(
            """
            param filter = {
              includedEventTypes: [
                'Microsoft.MachineLearningServices.RunCompleted'
              ]
              advancedFilters: [
                {
                  operatorType: 'NumberGreaterThan'
                  key: 'data.n'
                  value: json('0.3')
                }
              ]
              enableAdvancedFilteringOnArrays: false
            }
            """,
            output.TrimEnd());
    }

    [Fact]
    public void Bicep_texts_keep_their_quotes_and_dollars() =>
        Assert.Contains(@"'a\'b\\\${c}'", BicepParameters.Of(new JsonObject { ["x"] = @"a'b\${c}", ["n"] = 3, ["z"] = null }), StringComparison.Ordinal);

    [Fact]
    public async Task What_wakes_a_retraining_can_be_let_through_too()
    {
        var (_, output, _) = await CliRun.StartAsync("filter", Sample.Alert(_folder, "{ includedEventTypes: [DatasetDriftDetected] }"), "--wake");

        Assert.Equal(["DatasetDriftDetected", "RunCompleted", "RunStatusChanged"], JsonNode.Parse(output)?["includedEventTypes"]?.AsArray().Select(type => $"{type}".Split('.')[^1]));
    }

    [Fact]
    public async Task Without_an_enabled_rule_there_is_nothing_to_subscribe_to()
    {
        _folder.Write("alerts.yaml", "alerts: []\n");

        var (code, output, error) = await CliRun.StartAsync("filter", _folder.Path);

        Assert.Equal((1, ""), (code, output));
        Assert.Contains("No rule is enabled", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_wrong_rule_file_is_named_with_its_place()
    {
        _folder.Write("alerts.yaml", "alerts: 1\n");

        var (code, _, error) = await CliRun.StartAsync("filter", _folder.Path);

        Assert.Equal(1, code);
        Assert.Contains("alerts.yaml(1,9)", error, StringComparison.Ordinal);
    }
}
