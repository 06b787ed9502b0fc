using System.Text.Json;

namespace MLEvents.Cli.Operating;

/// <summary>Prints what a service answered, for people.</summary>
internal static class Printing
{
    private const int WidestCell = 90;

    /// <summary>Rows under their columns' names, each column as wide as its widest cell.</summary>
    public static async Task TableAsync(TextWriter output, IReadOnlyList<string> columns, IReadOnlyList<IReadOnlyList<string>> rows)
    {
        var cells = rows.Select(row => row.Select(Cut).ToList()).Prepend([.. columns]).ToList();
        var widths = columns.Select((_, column) => cells.Max(row => row[column].Length)).ToList();
        foreach (var row in cells)
        {
            await output.WriteLineAsync(string.Join("  ", row.Select((cell, column) => cell.PadRight(widths[column]))).TrimEnd());
        }
    }

    /// <summary>The members of an answer, one below the other; bytes as text.</summary>
    public static async Task MembersAsync(TextWriter output, JsonElement answer)
    {
        foreach (var member in answer.EnumerateObject().Where(member => member.Value.ValueKind != JsonValueKind.Null))
        {
            var text = member switch
            {
                { Name: "raw" } => "\n" + OperatorJson.OfBytes(member.Value.GetBytesFromBase64()),
                { Value.ValueKind: JsonValueKind.Object or JsonValueKind.Array } => "\n" + OperatorJson.Pretty(member.Value),
                _ => " " + OperatorJson.Safe(member.Value.ToString()),
            };
            await output.WriteLineAsync($"{member.Name}:{text}");
        }
    }

    private static string Cut(string text)
    {
        var line = text.ReplaceLineEndings(" ").Replace('\t', ' ');
        return line.Length > WidestCell ? line[..(WidestCell - 1)] + "…" : line;
    }
}
