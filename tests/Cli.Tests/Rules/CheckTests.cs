using MLEvents.Tests.Common;

namespace MLEvents.Cli.Tests.Rules;

public sealed class CheckTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Check_prints_the_number_of_valid_rules_and_their_version()
    {
        var (code, output, error) = await CliRun.StartAsync("rules", "check", Sample.Rules);

        Assert.Equal((0, ""), (code, error));
        Assert.Matches(@"valid .*alerts\.yaml: 11 rules \(6 disabled\), version [0-9a-f]{12}", output);
        Assert.Contains("deployments.yaml: 2 rules (1 disabled), version", output, StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', output);
    }

    [Fact]
    public async Task An_error_is_reported_with_its_place_and_a_suggestion_and_the_other_files_are_still_checked()
    {
        _folder.Write("alerts.yaml", "alerts:\n  - name: a\n    when: { subjectBeginWith: x }\n    send: { channel: archive, forward: true }\n");
        _folder.Write("deployments.yaml", "deployments: []\n");

        var (code, output, error) = await CliRun.StartAsync("rules", "check", _folder.Path);

        Assert.Equal(1, code);
        Assert.Contains("alerts.yaml(3,13): unknown key 'subjectBeginWith'; did you mean 'subjectBeginsWith'?", error, StringComparison.Ordinal);
        Assert.Contains("deployments.yaml: 0 rules", output, StringComparison.Ordinal);
        Assert.Contains("alerts.yaml: 1 error", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1, "--warnings-as-errors")]
    public async Task A_warning_is_printed_with_its_place_and_leads_to_exit_code_1_only_with_warnings_as_errors(int expected, params string[] options)
    {
        _folder.Write("alerts.yaml", "alerts:\n  - name: a\n    when: { advancedFilters: [{ operatorType: StringNotBeginsWith, key: data.dataDriftName, values: [test] }] }\n    send: { channel: archive, forward: true }\n");

        var (code, output, error) = await CliRun.StartAsync(["rules", "check", _folder.Path, .. options]);

        Assert.Equal(expected, code);
        Assert.Contains("alerts.yaml: 1 rule", output, StringComparison.Ordinal);
        Assert.Matches(@"alerts\.yaml\(3,\d+\): warning: .*data\.dataDriftName", error);
    }

    [Theory]
    [InlineData("absent", "absent' does not exist")]
    [InlineData("", "contains none of alerts.yaml, retraining.yaml, deployments.yaml")]
    public async Task A_folder_that_does_not_exist_or_contains_no_rules_is_reported(string name, string expected)
    {
        var (code, output, error) = await CliRun.StartAsync("rules", "check", Path.Combine(_folder.Path, name));

        Assert.Equal((3, ""), (code, output));
        Assert.Contains(expected, error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_disabled_rule_is_counted_separately()
    {
        _folder.Write("alerts.yaml", "alerts:\n  - { name: a, enabled: false, when: {}, send: { channel: archive, forward: true } }\n");

        var (_, output, _) = await CliRun.StartAsync("rules", "check", _folder.Path);

        Assert.Contains("1 rule (1 disabled)", output, StringComparison.Ordinal);
    }
}
