using System.Globalization;
using System.Text;

namespace MLEvents.Local.Host;

/// <summary>
/// Writes the log of a service, a sidecar or the simulator to its own file, so that the console stays readable. For a real workspace, it writes to standard output
/// for systemd and containers, and each entry contains the name of the service or sidecar.
/// </summary>
[ProviderAlias("File")]
internal sealed class FileLogging : ILoggerProvider
{
    private readonly Lock _lock = new();
    private readonly Stream _file;
    private readonly string _prefix;
    private readonly TimeProvider _time;

    /// <summary>Writes to a file of a folder. An existing file is overwritten.</summary>
    public FileLogging(string folder, string name, TimeProvider time)
        : this(Create(folder, name), "", time)
    {
    }

    private FileLogging(Stream file, string prefix, TimeProvider time) => (_file, _prefix, _time) = (file, prefix, time);

    /// <summary>Writes to standard output. Each entry contains the name.</summary>
    public static FileLogging ToConsole(string name, TimeProvider time) => To(Console.OpenStandardOutput(), name, time);

    /// <summary>Writes to a stream. Each entry contains the name.</summary>
    internal static FileLogging To(Stream stream, string name, TimeProvider time) => new(stream, name + " ", time);

    public ILogger CreateLogger(string categoryName) => new FileLogger(this, categoryName);

    public void Dispose()
    {
        lock (_lock)
        {
            _file.Dispose();
        }
    }

    private static FileStream Create(string folder, string name)
    {
        Directory.CreateDirectory(folder);
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, Share = FileShare.ReadWrite, BufferSize = 0 };
        if (!OperatingSystem.IsWindows())
        {
            // Other users may have access to the folder.
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        return new FileStream(Path.Combine(folder, name + ".log"), options);
    }

    private void Write(LogLevel level, string category, string message, Exception? exception)
    {
        var line = string.Create(CultureInfo.InvariantCulture, $"{_time.GetUtcNow():O} {level} {_prefix}{category}: {WithoutControls(message, "")}{Environment.NewLine}");
        var bytes = Encoding.UTF8.GetBytes(exception is null ? line : $"{line}{WithoutControls($"{exception}", "\r\n\t")}{Environment.NewLine}");
        lock (_lock)
        {
            if (_file.CanWrite)
            {
                Write(bytes);
            }
        }
    }

    // A message can contain text of senders. Control characters in it could forge lines or control the terminal that shows the file.
    private static string WithoutControls(string text, string allowed) =>
        string.Create(text.Length, (text, allowed), static (span, source) =>
        {
            for (var index = 0; index < span.Length; index++)
            {
                var character = source.text[index];
                span[index] = char.IsControl(character) && !source.allowed.Contains(character, StringComparison.Ordinal) ? '\uFFFD' : character;
            }
        });

    private void Write(byte[] bytes)
    {
        try
        {
            _file.Write(bytes);
        }
        catch (IOException)
        {
            // A full disk must not fail the work that writes the log line.
            return;
        }
    }

    private sealed class FileLogger(FileLogging file, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel != LogLevel.None;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            file.Write(logLevel, category, formatter(state, exception), exception);
    }
}
