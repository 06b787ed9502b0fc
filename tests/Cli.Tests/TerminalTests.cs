namespace MLEvents.Cli.Tests;

public sealed class TerminalTests
{
    [Fact]
    public void Colours_and_progress_are_for_terminals_only()
    {
        using StringWriter output = new(), error = new();

        var terminal = Terminal.For(output, error);
        var bar = new ProgressBar(terminal, 100);
        bar.Report(50);
        bar.Clear();

        Assert.Equal(("x", ""), (terminal.Green("x"), error.ToString()));
    }

    [Fact]
    public void On_a_terminal_words_have_colours_and_the_bar_moves_and_goes()
    {
        using StringWriter output = new(), error = new();
        var terminal = new Terminal(output, error, Colours: true, Progress: true);

        var bar = new ProgressBar(terminal, 200);
        bar.Finish(100);
        bar.Report(50);
        bar.Report(50);
        bar.Clear();

        Assert.Equal("\u001b[31mx\u001b[0m", terminal.Red("x"));
        Assert.Equal(1, error.ToString().Split("75 %").Length - 1);
        Assert.EndsWith("\r", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_version_is_told()
    {
        var (code, output, _) = await CliRun.StartAsync("--version");

        Assert.Equal(0, code);
        Assert.Matches(@"\A\d+\.\d+\.\d+", output);
    }

    [Theory]
    [InlineData("rules", "check")]
    [InlineData("rules", "test")]
    [InlineData("rules", "backtest")]
    [InlineData("filter")]
    [InlineData("send")]
    public async Task Help_shows_examples_and_exit_codes(params string[] command)
    {
        var (code, output, _) = await CliRun.StartAsync([.. command, "--help"]);

        Assert.Equal(0, code);
        Assert.Contains("Examples:", output, StringComparison.Ordinal);
        Assert.Contains("Exit codes: 0", output, StringComparison.Ordinal);
    }
}
