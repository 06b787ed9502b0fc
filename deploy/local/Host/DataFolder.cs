namespace MLEvents.Local.Host;

/// <summary>The data folder. Only one host at a time may use it, because a second host would receive messages of the first host and change its state.</summary>
internal sealed class DataFolder : IDisposable
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private readonly FileStream _claim;

    private DataFolder(FileStream claim) => _claim = claim;

    /// <summary>Creates the folder if it does not exist (on Unix with access for its owner only) and locks it. The lock ends with <see cref="Dispose"/> or with the process.</summary>
    /// <exception cref="StartException">The folder cannot be created, written to or locked. If it cannot be locked, another host usually uses it.</exception>
    public static DataFolder Claim(string folder)
    {
        try
        {
            CreateForOwner(folder);
            File.Create(Path.Combine(folder, $"probe-{Guid.NewGuid():N}"), 1, FileOptions.DeleteOnClose).Dispose();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new StartException($"The data folder {folder} cannot be written to: {exception.Message} Choose another folder with --data.", exception);
        }

        try
        {
            return new(new FileStream(Path.Combine(folder, "host.lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
        }
        catch (IOException exception)
        {
            throw new StartException($"The data folder {folder} cannot be locked; another local host probably uses it: {exception.Message} Stop that host, or choose another folder with --data.", exception);
        }
    }

    // On Unix, only the user who runs the host may read state, events and logs in a new folder. The access to an existing folder is not changed.
    private static void CreateForOwner(string folder)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(folder);
            return;
        }

        Directory.CreateDirectory(folder, OwnerOnly);
    }

    /// <inheritdoc/>
    public void Dispose() => _claim.Dispose();
}
