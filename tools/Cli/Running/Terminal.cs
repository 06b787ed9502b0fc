using Spectre.Console;

namespace MLEvents.Cli.Running;

/// <summary>The output of a command. Redirected output, as in scripts and tests, is plain text without colors, borders and progress.</summary>
/// <param name="output">Receives the result.</param>
/// <param name="error">Receives errors and progress.</param>
/// <param name="colors">Whether the output shows colors: it is a terminal, and NO_COLOR is not set (https://no-color.org).</param>
/// <param name="progress">Whether progress can be drawn on <paramref name="error"/>.</param>
/// <param name="progressColors">Whether the progress shows colors: NO_COLOR is not set.</param>
internal sealed class Terminal(TextWriter output, TextWriter error, bool colors = false, bool progress = false, bool progressColors = false)
{
    // Lines of plain text are not wrapped, because scripts read them line by line.
    private const int UnlimitedWidth = 1 << 20;

    private readonly IAnsiConsole _output = Open(output, colors, colors);

    /// <summary>Receives the result.</summary>
    public TextWriter Output => output;

    /// <summary>Receives errors and progress.</summary>
    public TextWriter Error => error;

    /// <summary>The terminal of a run.</summary>
    public static Terminal For(TextWriter output, TextWriter error)
    {
        var allowsColors = string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"));
        return new(
            output,
            error,
            colors: ReferenceEquals(output, Console.Out) && !Console.IsOutputRedirected && allowsColors,
            progress: ReferenceEquals(error, Console.Error) && !Console.IsErrorRedirected,
            progressColors: allowsColors);
    }

    public string Green(string text) => Styled(text, new Style(Color.Green));

    public string Red(string text) => Styled(text, new Style(Color.Red));

    public string Dim(string text) => Styled(text, new Style(decoration: Decoration.Dim));

    /// <summary>Writes rows under the names of their columns.</summary>
    public async Task WriteTableAsync(IReadOnlyList<string> columns, IReadOnlyList<IReadOnlyList<string>> rows)
    {
        var table = new Table { Border = colors ? TableBorder.Rounded : TableBorder.None };
        foreach (var column in columns)
        {
            table.AddColumn(colors ? new TableColumn(new Text(column)) : new TableColumn(new Text(column)).NoWrap().PadLeft(0).PadRight(2));
        }

        foreach (var row in rows)
        {
            table.AddRow(row.Select(cell => new Text(cell)));
        }

        foreach (var line in _output.ToAnsi(table).Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            await output.WriteLineAsync(line.TrimEnd());
        }
    }

    /// <summary>Runs long work, which reports its progress. On a terminal, the progress is shown during the work and removed afterwards.</summary>
    public async Task RunAsync(string title, long total, Func<Action<long>, Task> work)
    {
        if (!progress || total == 0)
        {
            await work(_ => { });
            return;
        }

        await Open(error, isTerminal: true, progressColors).Progress().AutoClear(true).StartAsync(context =>
        {
            var task = context.AddTask(title, maxValue: total);
            return work(done => task.Value = done);
        });
    }

    private static IAnsiConsole Open(TextWriter writer, bool isTerminal, bool colors)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = isTerminal ? AnsiSupport.Yes : AnsiSupport.No,
            ColorSystem = colors ? ColorSystemSupport.Standard : ColorSystemSupport.NoColors,
            Interactive = isTerminal ? InteractionSupport.Yes : InteractionSupport.No,
            Out = new AnsiConsoleOutput(writer),
        });
        console.Profile.Width = isTerminal ? console.Profile.Width : UnlimitedWidth;
        return console;
    }

    private string Styled(string text, Style style) => colors ? _output.ToAnsi(new Text(text, style)) : text;
}
