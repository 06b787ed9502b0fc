namespace MLEvents.Local.Host;

/// <summary>The data folder. One host at a time claims it: two hosts would take each other's messages and state.</summary>
internal sealed class DataFolder : IDisposable
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private readonly FileStream _claim;

    private DataFolder(FileStream claim) => _claim = claim;

    /// <summary>Creates the folder if it is missing, readable for its owner only, and claims it. The claim ends with the process.</summary>
    /// <exception cref="StartException">The folder cannot be created or written to, or another host has claimed it.</exception>
    public static DataFolder Claim(string folder)
    {
        try
        {
            CreateForOwner(folder);
            File.Create(Path.Combine(folder, $"probe-{Guid.NewGuid():N}"), 1, FileOptions.DeleteOnClose).Dispose();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new StartException($"The data folder {folder} cannot be written to: {exception.Message} Choose another with --data.", exception);
        }

        try
        {
            return new(new FileStream(Path.Combine(folder, "host.lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
        }
        catch (IOException exception)
        {
            throw new StartException($"Another local host uses the data folder {folder}. Stop it, or choose another folder with --data.", exception);
        }
    }

    // State, events and logs are for the user who runs the host.
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
