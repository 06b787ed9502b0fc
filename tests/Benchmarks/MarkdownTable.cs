namespace MLEvents.Benchmarks;

/// <summary>A table that is written as Markdown.</summary>
/// <param name="columns">The headings of the columns.</param>
internal sealed class MarkdownTable(params string[] columns)
{
    private readonly List<string[]> _rows = [];

    public void Add(params string[] cells) => _rows.Add(cells);

    public async Task WriteAsync(TextWriter output)
    {
        await WriteHeadingAsync(output);
        foreach (var row in _rows)
        {
            await WriteRowAsync(output, row);
        }

        await output.WriteLineAsync();
    }

    /// <summary>Writes only the headings. The caller then writes each row as soon as it is measured.</summary>
    public async Task WriteHeadingAsync(TextWriter output)
    {
        await output.WriteLineAsync(Line(columns));
        await output.WriteLineAsync(Line([.. columns.Select(_ => "---")]));
    }

    /// <summary>Writes a row below the headings.</summary>
    public static Task WriteRowAsync(TextWriter output, params string[] cells) => output.WriteLineAsync(Line(cells));

    private static string Line(IEnumerable<string> cells) => $"| {string.Join(" | ", cells)} |";
}
