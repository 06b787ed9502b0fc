using MLEvents.Tests.Common;

namespace MLEvents.Cli.Tests.Rules;

/// <summary>Rule files from public reports of users: what <c>mlevents rules check</c> says about each.</summary>
public sealed class PublicCaseTests
{
    [Theory]
    [InlineData("date-offset-537", 0, "")]
    [InlineData("date-timezone-577", 0, "")]
    [InlineData("filter-az-leading-dash", 0, "")]
    [InlineData("filter-az-monitor-only", 0, "")]
    [InlineData("endpoint-name-literal-28037", 1, "churn_scoring")]
    [InlineData("tab-deep", 1, "tab")]
    [InlineData("two-recipients-in-one-text", 1, "c@example.com; d@example.com")]
    public async Task A_rule_file_is_accepted_or_refused_with_the_reason(string folder, int expected, string reason)
    {
        var (code, _, error) = await CliRun.StartAsync("rules", "check", Repository.PathOf("tests", "Cli.Tests", "Cases", folder));

        Assert.Equal(expected, code);
        Assert.Contains(reason, error, StringComparison.Ordinal);
    }
}
