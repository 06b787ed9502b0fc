using System.Text;
using System.Text.Json;

using MLEvents.Local.Simulator.Configuration;

namespace MLEvents.Local.Simulator.Storage;

/// <summary>
/// An append-only file of lines. Each line is an atomic set of changes. Appended lines are handed to the operating system. They therefore survive the end
/// of the process, but may be lost in a power failure.
/// </summary>
internal sealed class JournalFile : IDisposable
{
    private const string Setting = SimulatorOptions.Section + ":" + nameof(SimulatorOptions.DataFile);
    private readonly FileStream _stream;
    private long _length;

    private JournalFile(FileStream stream) => _stream = stream;

    /// <summary>Opens or creates the file exclusively and rewrites it without obsolete values.</summary>
    /// <exception cref="IOException">The file cannot be used. The message says what to do.</exception>
    public static (JournalFile File, IReadOnlyList<JournalEntry> Entries) Open(string name)
    {
        var path = Path.GetFullPath(name);
        if (!Directory.Exists(Path.GetDirectoryName(path)))
        {
            throw new DirectoryNotFoundException($"{Setting} is '{path}', whose folder does not exist. Create the folder, or name a file in an existing folder.");
        }

        try
        {
            using var old = new FileStream(path, ForOwner(FileMode.OpenOrCreate, FileAccess.ReadWrite));
            var entries = JournalReader.Read(old);
            return (Rewrite(path, old, entries), entries);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            throw new IOException($"{Setting} '{path}' cannot be used: {exception.Message} Name another file, or delete this file to start with an empty state. Two simulators cannot share a file.", exception);
        }
    }

    /// <summary>Appends a line including its line break. After a failed write, the next line overwrites the incomplete line.</summary>
    public void Append(ReadOnlySpan<byte> line)
    {
        RandomAccess.Write(_stream.SafeFileHandle, line, _length);
        _length += line.Length;
    }

    /// <inheritdoc/>
    public void Dispose() => _stream.Dispose();

    // Only the user who runs the simulator may read its events and models.
    private static FileStreamOptions ForOwner(FileMode mode, FileAccess access)
    {
        var options = new FileStreamOptions { Mode = mode, Access = access, Share = FileShare.None, BufferSize = 0 };
        if (OperatingSystem.IsWindows())
        {
            // Windows renames an open file only with this share mode. Other processes can still neither read nor write the file.
            options.Share = FileShare.Delete;
        }
        else
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        return options;
    }

    // The new file replaces the old one only when it is complete, so that a crash leaves the old file intact.
    private static JournalFile Rewrite(string path, FileStream old, List<JournalEntry> entries)
    {
        var file = new JournalFile(new FileStream(path + ".new", ForOwner(FileMode.Create, FileAccess.Write)));
        try
        {
            foreach (var (key, value) in entries)
            {
                file.Append(Encoding.UTF8.GetBytes($"[[{JsonSerializer.Serialize(key, JournalJson.Default.String)},{value.GetRawText()}]]\n"));
            }

            if (OperatingSystem.IsWindows())
            {
                // Windows does not replace an open file. If another simulator opens the old file now, the move fails.
                // On other systems, the old file stays locked until the new file has replaced it.
                old.Dispose();
            }

            File.Move(path + ".new", path, overwrite: true);
            return file;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }
}
