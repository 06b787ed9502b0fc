using MLEvents.Cli.Operating;

namespace MLEvents.Cli.Tests;

public sealed class TerminalTests
{
    // Codes that set the color of the text or of its background.
    private const string ColorCode = "\u001b\\[([0-9]+;)*([34][0-8]|9[0-7]|10[0-7])(;[0-9]+)*m";

    private static readonly string[] Columns = ["name", "status"];

    [Fact]
    public async Task Redirected_output_is_plain_text_of_any_width()
    {
        using StringWriter output = new(), error = new();
        var terminal = Terminal.For(output, error);
        var wide = new string('w', 300);

        await terminal.WriteTableAsync(Columns, [["a", "failed"], [wide, "[red]"]]);
        var work = 0L;
        await terminal.RunAsync("reading", 100, report =>
        {
            report(50);
            work = 50;
            return Task.CompletedTask;
        });

        var pad = new string(' ', 299);
        Assert.Equal(["name" + pad[..^1] + "status", "a" + pad + "  failed", wide + "  [red]", ""], output.ToString().Split(Environment.NewLine));
        Assert.Equal(("x", "", 50L), (terminal.Green("x"), error.ToString(), work));
    }

    [Fact]
    public async Task On_a_terminal_words_have_colors_tables_have_borders_and_progress_is_shown()
    {
        using StringWriter output = new(), error = new();
        var terminal = new Terminal(output, error, colors: true, progress: true, progressColors: true);

        await terminal.WriteTableAsync(Columns, [["a", "failed"]]);
        await terminal.RunAsync("reading", 200, report =>
        {
            report(150);
            return Task.CompletedTask;
        });

        Assert.Matches("\u001b\\[[0-9;]+mx\u001b\\[0m", terminal.Red("x"));
        Assert.Contains("│ a    │ failed │", output.ToString(), StringComparison.Ordinal);
        Assert.Contains("75%", error.ToString(), StringComparison.Ordinal);
        Assert.Matches(ColorCode, error.ToString());
    }

    [Fact]
    public async Task Progress_can_be_drawn_without_colors()
    {
        using StringWriter output = new(), error = new();
        var terminal = new Terminal(output, error, progress: true);

        await terminal.RunAsync("reading", 200, report =>
        {
            report(150);
            return Task.CompletedTask;
        });

        Assert.Contains("75%", error.ToString(), StringComparison.Ordinal);
        Assert.DoesNotMatch(ColorCode, error.ToString());
    }

    [Fact]
    public async Task A_long_cell_is_not_cut_within_a_character()
    {
        using StringWriter output = new(), error = new();
        var text = new string('x', 88);

        await AnswerPrinter.TableAsync(Terminal.For(output, error), Columns, [[text + "😀😀", "failed"]]);

        Assert.Contains(text + "…  failed", output.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_version_is_reported()
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
