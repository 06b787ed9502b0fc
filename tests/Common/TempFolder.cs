namespace MLEvents.Tests.Common;

/// <summary>A folder of a test's own, gone when disposed.</summary>
public sealed class TempFolder : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("mlevents-");

    /// <summary>The folder's path.</summary>
    public string Path => _folder.FullName;

    /// <summary>Writes a file, whose folder is made when it is missing.</summary>
    /// <returns>The file's path.</returns>
    public string Write(string name, string content)
    {
        var path = System.IO.Path.Combine(Path, name);
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path) ?? Path);
        File.WriteAllText(path, content);
        return path;
    }

    /// <inheritdoc/>
    public void Dispose() => _folder.Delete(recursive: true);
}
