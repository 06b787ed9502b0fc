using System.Globalization;
using System.Text;

namespace MLEvents.Local.Host;

/// <summary>Writes a member's log to a file of its own, so that the console stays readable.</summary>
[ProviderAlias("File")]
internal sealed class FileLogging : ILoggerProvider
{
    private readonly Lock _lock = new();
    private readonly FileStream _file;
    private readonly TimeProvider _time;

    public FileLogging(string folder, string name, TimeProvider time)
    {
        Directory.CreateDirectory(folder);
        _file = new FileStream(Path.Combine(folder, name + ".log"), FileMode.Create, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
        _time = time;
    }

    public ILogger CreateLogger(string categoryName) => new FileLogger(this, categoryName);

    public void Dispose()
    {
        lock (_lock)
        {
            _file.Dispose();
        }
    }

    private void Write(LogLevel level, string category, string message, Exception? exception)
    {
        var line = string.Create(CultureInfo.InvariantCulture, $"{_time.GetUtcNow():O} {level} {category}: {message}{Environment.NewLine}");
        var bytes = Encoding.UTF8.GetBytes(exception is null ? line : $"{line}{exception}{Environment.NewLine}");
        lock (_lock)
        {
            if (_file.CanWrite)
            {
                Write(bytes);
            }
        }
    }

    private void Write(byte[] bytes)
    {
        try
        {
            _file.Write(bytes);
        }
        catch (IOException)
        {
            // A full disk must not fail the work that the line is about.
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
