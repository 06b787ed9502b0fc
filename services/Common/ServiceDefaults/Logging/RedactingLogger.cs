using System.Collections;

using Microsoft.Extensions.Logging;

namespace MLEvents.ServiceDefaults.Logging;

/// <summary>
/// Creates loggers that remove secrets, replace control characters and cut long texts before any provider (console, files, OTLP) receives an entry.
/// </summary>
internal sealed class RedactingLoggerFactory(LoggerFactory inner) : ILoggerFactory
{
    public ILogger CreateLogger(string categoryName) => new RedactingLogger(inner.CreateLogger(categoryName));

    public void AddProvider(ILoggerProvider provider) => inner.AddProvider(provider);

    public void Dispose() => inner.Dispose();
}

/// <summary>
/// Cleans the values, the message and the exception of each entry, and the values of each scope, see <see cref="LogText"/>.
/// An entry or scope that needs no change is passed on unchanged.
/// </summary>
internal sealed class RedactingLogger(ILogger inner) : ILogger
{
    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => NeedsChange(state) ? inner.BeginScope(Redacted(state, LogText.Clean(state.ToString() ?? ""))) : inner.BeginScope(state);

    public bool IsEnabled(LogLevel logLevel) => inner.IsEnabled(logLevel);

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (!inner.IsEnabled(logLevel))
        {
            return;
        }

        var shown = exception is null ? null : RedactedException.From(exception);
        if (ReferenceEquals(shown, exception) && !NeedsChange(state))
        {
            inner.Log(logLevel, eventId, state, exception, formatter);
            return;
        }

        inner.Log(logLevel, eventId, Redacted(state, LogText.Clean(formatter(state, shown))), shown, static (entry, _) => entry.ToString());
    }

    private static RedactedState Redacted<TState>(TState state, string message) => new(message, state as IReadOnlyList<KeyValuePair<string, object?>> ?? []);

    private static bool NeedsChange<TState>(TState state)
    {
        if (state is not IReadOnlyList<KeyValuePair<string, object?>> values)
        {
            return state?.ToString() is { } text && !ReferenceEquals(LogText.Clean(text), text);
        }

        for (var index = 0; index < values.Count; index++)
        {
            if (!ReferenceEquals(RedactedState.Redact(values[index].Value), values[index].Value))
            {
                return true;
            }
        }

        return false;
    }
}

/// <summary>The cleaned message and values of an entry.</summary>
internal sealed class RedactedState(string message, IReadOnlyList<KeyValuePair<string, object?>> values) : IReadOnlyList<KeyValuePair<string, object?>>
{
    public int Count => values.Count;

    public KeyValuePair<string, object?> this[int index] => new(values[index].Key, Redact(values[index].Value));

    public IEnumerator<KeyValuePair<string, object?>> GetEnumerator()
    {
        for (var index = 0; index < Count; index++)
        {
            yield return this[index];
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    public override string ToString() => message;

    /// <summary>The value itself if its text needs no change; otherwise the changed text.</summary>
    public static object? Redact(object? value)
    {
        if (value is null or IConvertible and not string || value.ToString() is not { } text)
        {
            return value;
        }

        var cleaned = LogText.Clean(text);
        return ReferenceEquals(cleaned, text) ? value : cleaned;
    }
}

/// <summary>An exception whose message and text contain no secrets and, except line breaks and tabs, no control characters. Long texts are cut.</summary>
public sealed class RedactedException : Exception
{
    private readonly Exception _original;
    private readonly string _text;

    private RedactedException(Exception original, string text)
        : base(LogText.CleanLines(original.Message)) => (_original, _text) = (original, text);

    public override string? StackTrace => _original.StackTrace;

    /// <summary>Returns the exception itself if it needs no change.</summary>
    public static Exception From(Exception exception)
    {
        var text = exception.ToString();
        var cleaned = LogText.CleanLines(text);
        return ReferenceEquals(cleaned, text) ? exception : new RedactedException(exception, cleaned);
    }

    public override string ToString() => _text;
}
