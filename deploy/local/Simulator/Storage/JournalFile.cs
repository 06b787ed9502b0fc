using System.Text;
using System.Text.Json;

using Microsoft.Win32.SafeHandles;

using MLEvents.Local.Simulator.Configuration;

namespace MLEvents.Local.Simulator.Storage;

/// <summary>
/// An append-only file of lines. Each line is an atomic set of changes. Appended lines are handed to the operating system: they survive the end
/// of the process, but may be lost in a power failure.
/// </summary>
internal sealed class JournalFile : IDisposable
{
    private const string Setting = SimulatorOptions.Section + ":" + nameof(SimulatorOptions.DataFile);
    private readonly SafeFileHandle _handle;
    private long _length;

    private JournalFile(SafeFileHandle handle) => _handle = handle;

    /// <summary>Opens or creates the file exclusively and rewrites it without obsolete values.</summary>
    /// <exception cref="IOException">The file cannot be used. The message says what to do.</exception>
    public static (JournalFile File, IReadOnlyList<JournalEntry> Entries) Open(string name)
    {
        var path = Path.GetFullPath(name);
        if (!Directory.Exists(Path.GetDirectoryName(path)))
        {
            throw new DirectoryNotFoundException($"{Setting} is '{path}', whose folder does not exist. Create the folder, or name a file in one that exists.");
        }

        try
        {
            using var old = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            var entries = JournalReader.Read(old);
            return (Rewrite(path, entries), entries);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            throw new IOException($"{Setting} '{path}' cannot be used: {exception.Message} Name another file, or delete this one to start with an empty state. Two simulators cannot share a file.", exception);
        }
    }

    /// <summary>Appends a line including its line break. After a failed write the next line overwrites it.</summary>
    public void Append(ReadOnlySpan<byte> line)
    {
        RandomAccess.Write(_handle, line, _length);
        _length += line.Length;
    }

    /// <inheritdoc/>
    public void Dispose() => _handle.Dispose();

    // The new file replaces the old one only when it is complete, so that a crash leaves the old file intact.
    private static JournalFile Rewrite(string path, List<JournalEntry> entries)
    {
        var file = new JournalFile(File.OpenHandle(path + ".new", FileMode.Create, FileAccess.Write, FileShare.None));
        foreach (var (key, value) in entries)
        {
            file.Append(Encoding.UTF8.GetBytes($"[[{JsonSerializer.Serialize(key)},{value.GetRawText()}]]\n"));
        }

        File.Move(path + ".new", path, overwrite: true);
        return file;
    }
}
