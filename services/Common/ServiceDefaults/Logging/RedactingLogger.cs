using System.Collections;

using Microsoft.Extensions.Logging;

using MLEvents.Events;

namespace MLEvents.ServiceDefaults.Logging;

/// <summary>Creates loggers that remove secrets before any provider sees them: console, files and OTLP alike.</summary>
internal sealed class RedactingLoggerFactory(LoggerFactory inner) : ILoggerFactory
{
    public ILogger CreateLogger(string categoryName) => new RedactingLogger(inner.CreateLogger(categoryName));

    public void AddProvider(ILoggerProvider provider) => inner.AddProvider(provider);

    public void Dispose() => inner.Dispose();
}

/// <summary>Removes secrets from the values, the message and the exception of each entry. An entry without secrets is passed on as it is.</summary>
internal sealed class RedactingLogger(ILogger inner) : ILogger
{
    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => inner.BeginScope(state);

    public bool IsEnabled(LogLevel logLevel) => inner.IsEnabled(logLevel);

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (!inner.IsEnabled(logLevel))
        {
            return;
        }

        var shown = exception is null ? null : RedactedException.From(exception);
        if (ReferenceEquals(shown, exception) && !HasSecret(state))
        {
            inner.Log(logLevel, eventId, state, exception, formatter);
            return;
        }

        var redacted = new RedactedState(Redaction.Scrub(formatter(state, shown)), state as IReadOnlyList<KeyValuePair<string, object?>> ?? []);
        inner.Log(logLevel, eventId, redacted, shown, static (entry, _) => entry.ToString());
    }

    private static bool HasSecret<TState>(TState state)
    {
        if (state is not IReadOnlyList<KeyValuePair<string, object?>> values)
        {
            return state?.ToString() is { } text && !ReferenceEquals(Redaction.Scrub(text), text);
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

/// <summary>The message and the values of an entry, without secrets.</summary>
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

    /// <summary>The value itself if its text holds no secret; otherwise the text without it.</summary>
    public static object? Redact(object? value)
    {
        if (value is null or IConvertible and not string || value.ToString() is not { } text)
        {
            return value;
        }

        var scrubbed = Redaction.Scrub(text);
        return ReferenceEquals(scrubbed, text) ? value : scrubbed;
    }
}

/// <summary>An exception of whose texts the secrets were removed.</summary>
public sealed class RedactedException : Exception
{
    private readonly Exception _original;
    private readonly string _text;

    private RedactedException(Exception original, string text)
        : base(Redaction.Scrub(original.Message)) => (_original, _text) = (original, text);

    public override string? StackTrace => _original.StackTrace;

    /// <summary>The exception itself if it holds no secret.</summary>
    public static Exception From(Exception exception)
    {
        var text = exception.ToString();
        var scrubbed = Redaction.Scrub(text);
        return ReferenceEquals(scrubbed, text) ? exception : new RedactedException(exception, scrubbed);
    }

    public override string ToString() => _text;
}
