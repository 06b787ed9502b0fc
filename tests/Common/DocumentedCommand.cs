using System.Text.RegularExpressions;

namespace MLEvents.Tests.Common;

/// <summary>A command in a document: a line of a code block, or code in a table.</summary>
/// <param name="Document">The document's path in the checkout.</param>
/// <param name="Text">The command, without prompt and comment.</param>
public sealed partial record DocumentedCommand(string Document, string Text)
{
    /// <summary>All commands of the documents. A command that a document repeats is listed once for that document.</summary>
    public static IReadOnlyList<DocumentedCommand> All { get; } = [.. Documents().SelectMany(In).Distinct()];

    /// <inheritdoc/>
    public override string ToString() => $"{Document}: {Text}";

    private static IEnumerable<string> Documents() =>
        ["README.md", "CONTRIBUTING.md", "SECURITY.md", .. Directory.EnumerateFiles(Repository.PathOf("docs"), "*.md").Order().Select(file => Path.GetRelativePath(Repository.Root, file))];

    private static IEnumerable<DocumentedCommand> In(string document)
    {
        var fenced = false;
        foreach (var line in File.ReadLines(Repository.PathOf(document)))
        {
            fenced ^= line.StartsWith("```", StringComparison.Ordinal);
            var code = line.StartsWith('|') ? Cell().Matches(line).Select(cell => cell.Groups[1].Value) : fenced || line.StartsWith("    ", StringComparison.Ordinal) ? [line.Trim()] : [];
            foreach (var command in code.Select(text => Noise().Replace(text, "").Trim()).Where(text => Command().IsMatch(text)))
            {
                yield return new(document.Replace('\\', '/'), command);
            }
        }
    }

    [GeneratedRegex("`([^`]+)`")]
    private static partial Regex Cell();

    [GeneratedRegex(@"^\$ | +# .*$")]
    private static partial Regex Noise();

    // Optional variables, then a program with at least one argument.
    [GeneratedRegex(@"^(\w+=\S+ )*(dotnet|mlevents|dapr|docker|kubectl|az|curl|git|export|deploy/\S+\.sh) \S")]
    private static partial Regex Command();
}
