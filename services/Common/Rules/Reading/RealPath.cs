namespace MLEvents.Rules.Reading;

/// <summary>Resolves the links in a path, including links among its folders.</summary>
internal static class RealPath
{
    private const int MaxLinks = 40;

    /// <summary>The path of a file or folder without links. A part that does not exist stays as it is.</summary>
    /// <exception cref="IOException">The path has more than 40 links, or a cycle of links.</exception>
    public static string Resolve(string path)
    {
        var links = 0;
        return Resolve(Path.GetFullPath(path), ref links);
    }

    private static string Resolve(string path, ref int links)
    {
        var real = Path.GetPathRoot(path) ?? "";
        foreach (var segment in path[real.Length..].Split(Path.DirectorySeparatorChar, StringSplitOptions.RemoveEmptyEntries))
        {
            var next = Path.Combine(real, segment);
            if (new FileInfo(next).LinkTarget is not { } target)
            {
                real = next;
                continue;
            }

            if (++links > MaxLinks)
            {
                throw new IOException($"the path has more than {MaxLinks} links");
            }

            real = Resolve(Path.GetFullPath(target, real), ref links);
        }

        return real;
    }
}
