using System.Diagnostics;
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
    public async Task The_filter_of_the_sample_rules_includes_five_event_types()
    {
        var (code, output, _) = await CliRun.StartAsync("filter", Sample.Rules);

        Assert.Equal(0, code);
        Assert.Equal(5, JsonNode.Parse(output)?["includedEventTypes"]?.AsArray().Count);
    }

    [Fact]
    public async Task The_filter_is_printed_as_arguments_for_az()
    {
        var rules = Sample.Alert(_folder, "{ includedEventTypes: [RunCompleted], subjectBeginsWith: \"it's\", advancedFilters: [{ operatorType: NumberInRange, key: data.n, values: [[1, 2], [3, 4.5]] }, { operatorType: BoolEquals, key: data.b, value: true }] }");

        var (_, output, _) = await CliRun.StartAsync("filter", rules, "--format", "az");

        Assert.Equal(
            @"--included-event-types Microsoft.MachineLearningServices.RunCompleted --subject-begins-with 'it'\''s' --advanced-filter data.b BoolEquals true --advanced-filter data.n NumberInRange 1,2 3,4.5",
            output.Trim());
    }

    [Theory]
    [InlineData("data.s StringContains", "StringContains, key: data.s, values: [violating metric thresholds]", "--advanced-filter data.s StringContains 'violating metric thresholds'")]
    [InlineData("data.n NumberGreaterThan", "NumberGreaterThan, key: data.n, value: -5", "--advanced-filter data.n NumberGreaterThan -5")]
    [InlineData("data.n NumberIn", "NumberIn, key: data.n, values: [-0.5]", "--advanced-filter data.n NumberIn -0.5")]
    public async Task Values_with_spaces_and_negative_numbers_are_passed_to_az(string filter, string advanced, string expected)
    {
        var (code, output, error) = await AzAsync($"advancedFilters: [{{ operatorType: {advanced} }}]");

        Assert.Equal((0, ""), (code, error));
        Assert.Contains(expected, output, StringComparison.Ordinal);
        Assert.Contains(filter, output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("data.s StringEndsWith", "StringEndsWith, key: data.s, values: [-eu, x]", "-eu")]
    [InlineData("data.s StringIn", "StringIn, key: data.s, values: [--endpoint]", "--endpoint")]
    [InlineData("data.s StringIn", "StringIn, key: data.s, values: ['--endpoint=https://example.org']", "--endpoint=https://example.org")]
    [InlineData("data.s StringIn", "StringIn, key: data.s, values: ['@/etc/passwd']", "@/etc/passwd")]
    [InlineData("data.n NumberInRange", "NumberInRange, key: data.n, values: [[-10.5, -2]]", "-10.5,-2")]
    public async Task A_filter_with_a_value_that_az_reads_as_an_option_or_a_file_is_left_out_with_a_note(string filter, string advanced, string value)
    {
        var (code, output, error) = await AzAsync($"advancedFilters: [{{ operatorType: {advanced} }}, {{ operatorType: BoolEquals, key: data.b, value: true }}]");

        Assert.Equal(0, code);
        Assert.Equal("--included-event-types Microsoft.MachineLearningServices.RunCompleted --advanced-filter data.b BoolEquals true", output.Trim());
        Assert.StartsWith($"note: the filter '{filter}' is left out, because az does not accept the value '{value}'.", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_subject_that_begins_with_a_dash_and_its_option_are_printed_as_one_argument()
    {
        var (_, output, _) = await AzAsync("subjectBeginsWith: --endpoint");

        Assert.Contains(" --subject-begins-with=--endpoint", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""includedEventTypes: [RunCompleted], subjectBeginsWith: "models/a\nb" """, "--included-event-types Microsoft.MachineLearningServices.RunCompleted", "subjectBeginsWith", @"models/a\nb")]
    [InlineData("""includedEventTypes: [RunCompleted], subjectEndsWith: "\n" """, "--included-event-types Microsoft.MachineLearningServices.RunCompleted", "subjectEndsWith", @"\n")]
    [InlineData("""includedEventTypes: [RunCompleted, "@a.b"], subjectBeginsWith: models/""", "--subject-begins-with models/", "includedEventTypes", "@a.b")]
    [InlineData("""includedEventTypes: ["a.b\nc"], subjectBeginsWith: models/""", "--subject-begins-with models/", "includedEventTypes", @"a.b\nc")]
    public async Task A_subject_or_a_type_that_cannot_be_passed_to_az_is_left_out_with_a_note(string conditions, string expected, string filter, string value)
    {
        var (code, output, error) = await CliRun.StartAsync("filter", Sample.Alert(_folder, $"{{ {conditions} }}"), "--format", "az");

        Assert.Equal((0, expected), (code, output.Trim()));
        Assert.StartsWith($"note: the filter '{filter}' is left out, because az does not accept the value '{value}'.", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Xargs_passes_each_value_of_the_output_as_one_argument()
    {
        var (_, output, _) = await AzAsync("""subjectBeginsWith: "it's a $(date)", advancedFilters: [{ operatorType: StringIn, key: data.s, values: ['a b', 'say "x" \\ y'] }]""");
        var file = _folder.Write("arguments", output);

        var start = new ProcessStartInfo("xargs", ["-a", file, "printf", "%s\\n"]) { RedirectStandardOutput = true };
        using var xargs = Process.Start(start) ?? throw new InvalidOperationException("xargs did not start.");
        var lines = (await xargs.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken)).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        await xargs.WaitForExitAsync(TestContext.Current.CancellationToken);

        Assert.Equal(
            ["--included-event-types", "Microsoft.MachineLearningServices.RunCompleted", "--subject-begins-with", "it's a $(date)", "--advanced-filter", "data.s", "StringIn", "a b", "say \"x\" \\\\ y"],
            lines);
    }

    private Task<CliRun> AzAsync(string conditions) =>
        CliRun.StartAsync("filter", Sample.Alert(_folder, $"{{ includedEventTypes: [RunCompleted], {conditions} }}"), "--format", "az");

    [Fact]
    public async Task The_filter_is_printed_as_a_bicep_parameter()
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
    public void Quotes_backslashes_and_dollars_are_escaped_in_Bicep_strings() =>
        Assert.Contains(@"'a\'b\\\${c}'", BicepParameters.Write(new JsonObject { ["x"] = @"a'b\${c}", ["n"] = 3, ["z"] = null }), StringComparison.Ordinal);

    [Fact]
    public async Task The_event_types_that_wake_a_waiting_retraining_can_be_included()
    {
        var (_, output, _) = await CliRun.StartAsync("filter", Sample.Alert(_folder, "{ includedEventTypes: [DatasetDriftDetected] }"), "--wake");

        Assert.Equal(["DatasetDriftDetected", "RunCompleted", "RunStatusChanged"], JsonNode.Parse(output)?["includedEventTypes"]?.AsArray().Select(type => $"{type}".Split('.')[^1]));
    }

    [Fact]
    public async Task If_no_rule_is_enabled_no_filter_is_printed_and_the_exit_code_is_1()
    {
        _folder.Write("alerts.yaml", "alerts: []\n");

        var (code, output, error) = await CliRun.StartAsync("filter", _folder.Path);

        Assert.Equal((1, ""), (code, output));
        Assert.Contains("No enabled rule can fire", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_error_in_a_rule_file_is_reported_with_its_place()
    {
        _folder.Write("alerts.yaml", "alerts: 1\n");

        var (code, _, error) = await CliRun.StartAsync("filter", _folder.Path);

        Assert.Equal(1, code);
        Assert.Contains("alerts.yaml(1,9)", error, StringComparison.Ordinal);
    }
}
