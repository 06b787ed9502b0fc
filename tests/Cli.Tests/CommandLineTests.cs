namespace MLEvents.Cli.Tests;

public sealed class CommandLineTests
{
    [Fact]
    public async Task Help_lists_the_exit_codes()
    {
        var (code, output, _) = await CliRun.StartAsync("--help");

        Assert.Equal(0, code);
        Assert.Contains("Exit codes: 0", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_invalid_command_line_is_reported_in_one_line_with_exit_code_2()
    {
        var (code, output, error) = await CliRun.StartAsync("--nonsense");

        Assert.Equal(2, code);
        Assert.Empty(output);
        Assert.Contains("--nonsense", Assert.Single(error.Trim().Split('\n')), StringComparison.Ordinal);
    }
}
