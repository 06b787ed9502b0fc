using System.Text;
using System.Text.Json;
using Microsoft.Win32.SafeHandles;

namespace MLEvents.Local.Simulator.Storage;

/// <summary>
/// A file that grows by lines, each a set of changes that holds as a whole. What was appended is with the operating system: killing the process
/// loses none of it, a power cut may.
/// </summary>
internal sealed class JournalFile : IDisposable
{
    private const string Setting = SimulatorOptions.Section + ":" + nameof(SimulatorOptions.DataFile);
    private readonly SafeFileHandle _handle;
    private long _length;

    private JournalFile(SafeFileHandle handle) => _handle = handle;

    /// <summary>Opens or makes a file for this process alone, rewritten to hold no more than what is still valid.</summary>
    /// <exception cref="IOException">It cannot be used; the message says what to do.</exception>
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
            throw new IOException($"{Setting} '{path}' cannot be used: {exception.Message} Name another file, or delete this one to begin anew; no two simulators may share one.", exception);
        }
    }

    /// <summary>Appends a line, complete with its end. After a failure the next one takes its place.</summary>
    public void Append(ReadOnlySpan<byte> line)
    {
        RandomAccess.Write(_handle, line, _length);
        _length += line.Length;
    }

    /// <inheritdoc/>
    public void Dispose() => _handle.Dispose();

    // The new file takes the old one's name only when it is whole: a crash in between leaves the old one.
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
