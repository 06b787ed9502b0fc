using System.Text.Json;

namespace MLEvents.Cli.Login;

/// <summary>The login file. Only its owner can read the file.</summary>
internal static class LoginCache
{
    /// <summary>The environment variable for the path of the login file. If it is set, it replaces the default path.</summary>
    public const string FileVariable = "MLEVENTS_LOGIN_FILE";

    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode Others = UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.OtherRead | UnixFileMode.OtherWrite;

    /// <summary>The path of the file.</summary>
    public static string FilePath => Environment.GetEnvironmentVariable(FileVariable) is { Length: > 0 } file
        ? file
        : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.ApplicationData, Environment.SpecialFolderOption.DoNotVerify), "mlevents", "login.json");

    /// <summary>Whether there is a login.</summary>
    public static bool Exists => File.Exists(FilePath);

    /// <summary>Reads the login; null if there is none.</summary>
    /// <exception cref="CommandFault">Other users can read or write the file, or it does not contain a valid login.</exception>
    public static async Task<CachedLogin?> ReadAsync(CancellationToken cancellationToken)
    {
        var file = FilePath;
        if (!File.Exists(file))
        {
            return null;
        }

        if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(file) & Others) != 0)
        {
            throw new CommandFault(ExitCodes.Usage, $"Other users can read or write {file}, which contains a token. Run: mlevents logout, and log in again.");
        }

        try
        {
            await using var stream = File.OpenRead(file);
            return await JsonSerializer.DeserializeAsync<CachedLogin>(stream, JsonSerializerOptions.Web, cancellationToken) ?? throw new JsonException("The file contains null.");
        }
        catch (JsonException exception)
        {
            throw new CommandFault(ExitCodes.Usage, $"{file} does not contain a valid login. Run: mlevents login", exception);
        }
    }

    /// <summary>Replaces the login. On Unix, the new file is readable only for its owner from the start. A crash leaves the previous login intact.</summary>
    public static async Task WriteAsync(CachedLogin login, CancellationToken cancellationToken)
    {
        var file = FilePath;
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(file)) ?? ".");
        var next = $"{file}.{Guid.NewGuid():n}";
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = OwnerOnly;
        }

        await using (var stream = new FileStream(next, options))
        {
            await JsonSerializer.SerializeAsync(stream, login, JsonSerializerOptions.Web, cancellationToken);
        }

        File.Move(next, file, overwrite: true);
    }

    /// <summary>Deletes the login, if there is one.</summary>
    public static void Delete()
    {
        try
        {
            File.Delete(FilePath);
        }
        catch (DirectoryNotFoundException)
        {
            // Nobody logged in, so the folder of the file does not exist either.
        }
    }
}
