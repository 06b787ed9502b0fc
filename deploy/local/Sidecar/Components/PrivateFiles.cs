namespace MLEvents.Local.Sidecar.Components;

/// <summary>Files and folders that on Unix only their owner can read: queues, state and archives contain the payloads of events.</summary>
internal static class PrivateFiles
{
    private const UnixFileMode OwnerFile = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode OwnerFolder = OwnerFile | UnixFileMode.UserExecute;

    /// <summary>Creates a folder and its parent folders if they are missing. On Unix, the new folders have mode 0700.</summary>
    /// <exception cref="IOException">The folder cannot be created.</exception>
    public static void CreateFolder(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(path);
            return;
        }

        Directory.CreateDirectory(path, OwnerFolder);
    }

    /// <summary>Creates an empty file with mode 0600 if it is missing, and sets this mode on an existing file. SQLite gives its side files the same mode. Does nothing on Windows.</summary>
    /// <exception cref="IOException">The file cannot be created.</exception>
    /// <exception cref="UnauthorizedAccessException">The file belongs to another user.</exception>
    public static void CreateFile(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        using var file = new FileStream(path, new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = FileShare.ReadWrite, UnixCreateMode = OwnerFile });
        if (File.GetUnixFileMode(file.SafeFileHandle) != OwnerFile)
        {
            File.SetUnixFileMode(file.SafeFileHandle, OwnerFile);
        }
    }
}
