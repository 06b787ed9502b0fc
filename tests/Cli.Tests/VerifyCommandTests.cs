using MLEvents.Local.Verify;

namespace MLEvents.Cli.Tests;

public sealed class VerifyCommandTests
{
    [Theory]
    [InlineData("--events", "0", "--events must be 1 to 100000.")]
    [InlineData("--kills", "1001", "--kills must be 0 to 1000.")]
    [InlineData("--replicas", "4", "--replicas must be 1 to 3.")]
    public async Task A_number_out_of_its_range_is_told_with_the_range(string option, string value, string told)
    {
        var (code, _, error) = await CliRun.StartAsync("verify", option, value);

        Assert.Equal(2, code);
        Assert.StartsWith(told, error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Help_has_examples() =>
        Assert.Contains("mlevents verify --runs 20 --kills 30", (await CliRun.StartAsync("verify", "--help")).Output, StringComparison.Ordinal);

    [Theory]
    [InlineData(0, 0, "the promise was kept")]
    [InlineData(1, 0, "the promise was NOT kept")]
    [InlineData(1, 1, "the promise was kept")]
    public async Task The_outcome_is_told_for_people(int doubled, int told, string verdict)
    {
        using var output = new StringWriter();
        var report = new VerificationReport(7, 10, 12, 3, 30, DiskFilled: true, TimeSpan.FromSeconds(61), [new VerificationRow("mails", 10, 10, doubled, told)], "folder");

        await VerificationTable.WriteAsync(output, report);

        Assert.StartsWith("seed 7: 10 events in 12 deliveries, 3 requests repeated, 30 kills, disk filled once, 61 s", output.ToString(), StringComparison.Ordinal);
        Assert.Contains(verdict, output.ToString(), StringComparison.Ordinal);
    }
}
