namespace MLEvents.Local.Host;

/// <summary>The data folder, claimed by one host at a time: two would take each other's messages and state.</summary>
internal sealed class DataFolder : IDisposable
{
    private readonly FileStream _claim;

    private DataFolder(FileStream claim) => _claim = claim;

    /// <summary>Makes the folder when it is missing and claims it. The claim ends with the process, however that ends.</summary>
    /// <exception cref="StartException">It cannot be made or written to, or another host has claimed it.</exception>
    public static DataFolder Claim(string folder)
    {
        try
        {
            Directory.CreateDirectory(folder);
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

    /// <inheritdoc/>
    public void Dispose() => _claim.Dispose();
}
