using System.Xml.Linq;

using MLEvents.Tests.Common;

namespace MLEvents.Architecture;

/// <summary>A project of the solution and what it references.</summary>
internal sealed record ProjectFile(string Path, IReadOnlyList<string> References, IReadOnlyList<string> Packages)
{
    /// <summary>The project's folder below the root, for instance <c>services/Ingress</c>.</summary>
    public string Folder => System.IO.Path.GetDirectoryName(Path)?.Replace('\\', '/') ?? "";

    public static IReadOnlyList<ProjectFile> All { get; } =
    [
        .. new[] { "services", "deploy", "tools", "tests" }
            .Select(folder => Repository.PathOf(folder))
            .Where(Directory.Exists)
            .SelectMany(folder => Directory.EnumerateFiles(folder, "*.csproj", SearchOption.AllDirectories))
            .Select(Read),
    ];

    /// <summary>The folders of all projects that it references directly or through another project.</summary>
    public IReadOnlySet<string> TransitiveReferences
    {
        get
        {
            var found = new HashSet<string>();
            var pending = new Queue<string>(References);
            while (pending.TryDequeue(out var folder))
            {
                if (found.Add(folder))
                {
                    All.First(project => project.Folder == folder).References.ToList().ForEach(pending.Enqueue);
                }
            }

            return found;
        }
    }

    private static ProjectFile Read(string file)
    {
        var items = XDocument.Load(file).Descendants().ToLookup(element => element.Name.LocalName, element => (string?)element.Attribute("Include") ?? "");
        var folder = System.IO.Path.GetDirectoryName(file) ?? "";
        return new(
            Relative(file),
            [.. items["ProjectReference"].Select(reference => Relative(System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(reference, folder)) ?? ""))],
            [.. items["PackageReference"]]);
    }

    private static string Relative(string path) => System.IO.Path.GetRelativePath(Repository.Root, path).Replace('\\', '/');
}
