using MLEvents.Local.Sidecar.Components;

namespace MLEvents.Local.Sidecar.Bindings;

/// <summary>Resolves names below a folder. <c>..</c> cannot leave the folder, and symbolic links in it are refused.</summary>
internal sealed class RootedPath(string root)
{
    /// <summary>The folder, absolute.</summary>
    public string Root { get; } = Path.TrimEndingDirectorySeparator(Path.GetFullPath(root));

    /// <summary>The absolute path of a name.</summary>
    /// <exception cref="BindingException">The path contains a symbolic link.</exception>
    public string Resolve(string name)
    {
        var segments = new List<string>();
        foreach (var segment in name.Split('/', Path.DirectorySeparatorChar).Where(segment => segment is not ("" or ".")))
        {
            if (segment != "..")
            {
                segments.Add(segment);
            }
            else if (segments.Count > 0)
            {
                segments.RemoveAt(segments.Count - 1);
            }
        }

        return Follow(segments, name);
    }

    private string Follow(List<string> segments, string name)
    {
        var path = Root;
        foreach (var segment in segments)
        {
            path = Path.Combine(path, segment);
            if (new FileInfo(path).LinkTarget is not null)
            {
                throw new BindingException($"error getting absolute path for file {name}: the path contains a symbolic link");
            }
        }

        return path;
    }
}
