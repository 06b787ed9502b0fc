namespace MLEvents.Tests.Common;

/// <summary>A folder for one test. Disposing it deletes the folder.</summary>
public sealed class TempFolder : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("mlevents-");

    /// <summary>The folder's path.</summary>
    public string Path => _folder.FullName;

    /// <summary>Writes a file, and creates the folder of the file if the folder does not exist.</summary>
    /// <returns>The file's path.</returns>
    public string Write(string name, string content)
    {
        var path = System.IO.Path.Combine(Path, name);
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path) ?? Path);
        File.WriteAllText(path, content);
        return path;
    }

    /// <summary>Writes a file.</summary>
    /// <returns>The file's path.</returns>
    public string Write(string name, byte[] content)
    {
        var path = System.IO.Path.Combine(Path, name);
        File.WriteAllBytes(path, content);
        return path;
    }

    /// <summary>Writes a program for <c>sh</c> that its owner can run.</summary>
    /// <param name="name">The name of the program.</param>
    /// <param name="script">The script, without the line that names the shell.</param>
    /// <returns>The file's path.</returns>
    public string AddProgram(string name, string script)
    {
        var path = Write(name, $"#!/bin/sh\n{script}\n");
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        }

        return path;
    }

    /// <inheritdoc/>
    public void Dispose() => _folder.Delete(recursive: true);
}
