using MLEvents.Tests.Common;

namespace MLEvents.Architecture;

/// <summary>The form of the documents, which no other tool checks.</summary>
public sealed class MarkdownTests
{
    private const int MaxColumns = 200;

    // The folders in .gitignore contain generated files and files of other projects.
    private static readonly HashSet<string> IgnoredFolders = [".git", .. File.ReadLines(Repository.PathOf(".gitignore")).Where(line => line.EndsWith('/')).Select(line => line.Trim('/'))];

    public static TheoryData<string> Documents => [.. In(Repository.Root).Select(file => Path.GetRelativePath(Repository.Root, file)).Order(StringComparer.Ordinal)];

    /// <summary>Without a header, Markdown viewers show the rows as text with vertical bars.</summary>
    [Theory]
    [MemberData(nameof(Documents))]
    public void A_table_begins_with_its_header(string document)
    {
        var lines = File.ReadAllLines(Repository.PathOf(document));
        var withoutHeader = Enumerable.Range(0, lines.Length)
            .Where(index => IsRow(lines, index) && !IsRow(lines, index - 1) && !IsDivider(lines, index + 1))
            .Select(index => $"{document}({index + 1})");

        Assert.Empty(withoutHeader);
    }

    [Theory]
    [MemberData(nameof(Documents))]
    public void A_line_outside_of_tables_has_200_columns_at_most(string document)
    {
        var lines = File.ReadAllLines(Repository.PathOf(document));

        Assert.Empty(lines.Index().Where(line => line.Item.Length > MaxColumns && !line.Item.StartsWith('|')).Select(line => $"{document}({line.Index + 1})"));
    }

    private static IEnumerable<string> In(string folder) => Directory.EnumerateFiles(folder, "*.md")
        .Concat(Directory.EnumerateDirectories(folder).Where(child => !IgnoredFolders.Contains(Path.GetFileName(child))).SelectMany(In));

    private static bool IsDivider(string[] lines, int index) => IsRow(lines, index) && lines[index].TrimStart('|', ' ', ':').StartsWith('-');

    private static bool IsRow(string[] lines, int index) => index >= 0 && index < lines.Length && lines[index].StartsWith('|');
}
