using MLEvents.Tests.Common;

namespace MLEvents.Cli.Tests.Rules;

/// <summary>Rule files and an event from public reports of users, and the output of <c>mlevents</c> for each of them.</summary>
public sealed class PublicCaseTests
{
    [Theory]
    [InlineData("date-offset-537", 0, "")]
    [InlineData("date-timezone-577", 0, "")]
    [InlineData("filter-az-leading-dash", 0, "")]
    [InlineData("filter-az-monitor-only", 0, "")]
    [InlineData("endpoint-name-literal-28037", 1, "churn_scoring")]
    [InlineData("tab-deep", 1, "tab")]
    [InlineData("adf-array-518-529", 0, "")]
    [InlineData("uri-input-override-110567", 0, "")]
    [InlineData("two-recipients-in-one-text", 0, "")]
    public async Task A_rule_file_is_accepted_or_refused_with_the_reason(string folder, int expected, string reason)
    {
        var (code, _, error) = await CliRun.StartAsync("rules", "check", Repository.PathOf("tests", "Cli.Tests", "Cases", folder));

        Assert.Equal(expected, code);
        Assert.Contains(reason, error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("filter-az-leading-dash", "--included-event-types Microsoft.MachineLearningServices.ModelRegistered", "az does not accept the value '-eu'")]
    [InlineData("filter-az-monitor-only", "StringContains 'violating metric thresholds'", "")]
    public async Task A_filter_is_printed_for_az_and_a_note_names_a_value_that_az_does_not_accept(string folder, string expected, string note)
    {
        var (code, output, error) = await CliRun.StartAsync("filter", Repository.PathOf("tests", "Cli.Tests", "Cases", folder), "--format", "az");

        Assert.Equal(0, code);
        Assert.Contains(expected, output, StringComparison.Ordinal);
        Assert.Contains(note, error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_event_with_an_invalid_time_is_refused_with_its_place()
    {
        var (code, _, error) = await CliRun.StartAsync("rules", "test", Sample.Rules, "--event", Repository.PathOf("tests", "Cli.Tests", "Cases", "invalid-times.json"));

        Assert.Equal(1, code);
        Assert.Contains("event 1: 'eventTime' is 'some invalid time', which is not an RFC 3339 time", error, StringComparison.Ordinal);
    }
}
