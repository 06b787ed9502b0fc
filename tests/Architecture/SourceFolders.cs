using System.Text.RegularExpressions;

namespace MLEvents.Architecture;

/// <summary>
/// Finds, for each top-level folder of a project, the other top-level folders whose types it uses. A folder uses a type if its source contains the type's name
/// outside comments and strings.
/// </summary>
internal sealed partial class SourceFolders
{
    private SourceFolders(IReadOnlyDictionary<string, IReadOnlySet<string>> uses) => Uses = uses;

    /// <summary>The folders that each folder uses.</summary>
    public IReadOnlyDictionary<string, IReadOnlySet<string>> Uses { get; }

    /// <summary>The source files of a project, without the files of projects inside its folder.</summary>
    public static IEnumerable<string> Files(string project)
    {
        var nested = Directory.EnumerateFiles(project, "*.csproj", SearchOption.AllDirectories).Select(file => Path.GetDirectoryName(file) ?? "").Where(folder => folder != project).ToList();
        return Directory.EnumerateFiles(project, "*.cs", SearchOption.AllDirectories)
            .Where(file => !nested.Exists(folder => file.StartsWith(folder + Path.DirectorySeparatorChar, StringComparison.Ordinal)));
    }

    /// <summary>Reads a project.</summary>
    /// <remarks>A type name that two folders declare is left out, because the source alone does not show which type is used.</remarks>
    public static SourceFolders Read(string project)
    {
        var sources = Files(project).Select(file => (Folder: TopFolder(project, file), Code: CommentsAndStrings().Replace(File.ReadAllText(file), " "))).Where(source => source.Folder is not null).ToList();
        var folderOf = sources
            .SelectMany(source => TypeDeclaration().Matches(source.Code).Select(match => (Type: match.Groups[1].Value, source.Folder)))
            .Distinct()
            .GroupBy(declared => declared.Type, declared => declared.Folder)
            .Where(declared => declared.Count() == 1)
            .ToDictionary(declared => declared.Key, declared => declared.Single());
        return new(sources.GroupBy(source => source.Folder ?? "").ToDictionary(
            folder => folder.Key,
            IReadOnlySet<string> (folder) => folder
                .SelectMany(source => Name().Matches(source.Code).Select(match => folderOf.GetValueOrDefault(match.Value)))
                .OfType<string>()
                .Where(used => used != folder.Key)
                .ToHashSet()));
    }

    private static string? TopFolder(string project, string file) =>
        Path.GetRelativePath(project, file).Split(Path.DirectorySeparatorChar) is [var folder, _, ..] ? folder : null;

    [GeneratedRegex(@"//.*|""{3}[\s\S]*?""{3}|""(?:\\.|[^""\\\n])*""")]
    private static partial Regex CommentsAndStrings();

    [GeneratedRegex(@"^(?:[a-z]+ )*(?:class|struct|record|interface|enum) ([A-Z]\w+)", RegexOptions.Multiline)]
    private static partial Regex TypeDeclaration();

    [GeneratedRegex(@"\b[A-Z]\w+\b")]
    private static partial Regex Name();
}
