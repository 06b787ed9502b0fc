using System.Text.RegularExpressions;

using MLEvents.Tests.Common;

namespace MLEvents.Architecture;

/// <summary>The folders inside each project, except the test projects.</summary>
public sealed partial class FolderTests
{
    public static TheoryData<string> Projects => [.. ProjectFile.All.Select(project => project.Folder).Where(folder => !folder.StartsWith("tests/", StringComparison.Ordinal))];

    /// <summary>Files directly in the folder of the project are exempt, because they connect the subfolders and contain the options that the subfolders share.</summary>
    [Theory]
    [MemberData(nameof(Projects))]
    public void Folders_do_not_use_each_other_in_a_cycle(string project)
    {
        var uses = SourceFolders.Read(Repository.PathOf(project)).Uses;

        Assert.Empty(uses.Keys.SelectMany(folder => uses[folder].Where(used => Reaches(uses, used, folder)).Select(used => $"{folder} -> {used}")));
    }

    [Theory]
    [MemberData(nameof(Projects))]
    public void The_namespace_matches_the_folder(string project)
    {
        var root = RootNamespace().Match(File.ReadAllText(Directory.GetFiles(Repository.PathOf(project), "*.csproj").Single())).Groups[1].Value;

        Assert.All(SourceFolders.Files(Repository.PathOf(project)), file =>
        {
            var folder = Path.GetRelativePath(Repository.PathOf(project), Path.GetDirectoryName(file) ?? "");
            var expected = folder == "." ? root : $"{root}.{folder.Replace(Path.DirectorySeparatorChar, '.')}";
            Assert.True(Namespace().Match(File.ReadAllText(file)) is not { Success: true } found || found.Groups[1].Value == expected, $"{Path.GetRelativePath(Repository.Root, file)}: expected namespace {expected}");
        });
    }

    private static bool Reaches(IReadOnlyDictionary<string, IReadOnlySet<string>> uses, string from, string to)
    {
        var (seen, pending) = (new HashSet<string>(), new Queue<string>([from]));
        while (pending.TryDequeue(out var folder))
        {
            if (folder == to)
            {
                return true;
            }

            if (seen.Add(folder))
            {
                uses.GetValueOrDefault(folder)?.ToList().ForEach(pending.Enqueue);
            }
        }

        return false;
    }

    [GeneratedRegex("<RootNamespace>(.+?)</RootNamespace>")]
    private static partial Regex RootNamespace();

    [GeneratedRegex(@"^namespace ([\w.]+);", RegexOptions.Multiline)]
    private static partial Regex Namespace();
}
