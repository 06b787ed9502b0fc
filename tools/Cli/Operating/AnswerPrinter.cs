using System.Text.Json;

using MLEvents.Events;

namespace MLEvents.Cli.Operating;

/// <summary>Prints answers of services for people.</summary>
internal static class AnswerPrinter
{
    private const int WidestCell = 90;

    /// <summary>Prints rows under the names of their columns. A long cell is cut.</summary>
    public static Task TableAsync(Terminal terminal, IReadOnlyList<string> columns, IEnumerable<IReadOnlyList<string>> rows) =>
        terminal.WriteTableAsync(columns, [.. rows.Select(row => row.Select(Cut).ToList())]);

    /// <summary>Prints the members of an answer that are not null. Each member begins on a new line. The bytes of the member <c>raw</c> are printed as text.</summary>
    public static async Task MembersAsync(TextWriter output, JsonElement answer)
    {
        foreach (var member in answer.EnumerateObject().Where(member => member.Value.ValueKind != JsonValueKind.Null))
        {
            var text = member switch
            {
                { Name: "raw", Value.ValueKind: JsonValueKind.String } when member.Value.TryGetBytesFromBase64(out var bytes) => "\n" + OperatorJson.FormatBytes(bytes),
                { Value.ValueKind: JsonValueKind.Object or JsonValueKind.Array } => "\n" + OperatorJson.Pretty(member.Value),
                _ => " " + OperatorJson.Safe(member.Value.ToString()),
            };
            await output.WriteLineAsync($"{member.Name}:{text}");
        }
    }

    private static string Cut(string text) => Truncation.Truncate(text.ReplaceLineEndings(" ").Replace('\t', ' '), WidestCell);
}
