using System.Buffers;
using System.Text.Json;

using Microsoft.Extensions.Options;

using MLEvents.Local.Simulator.Configuration;

namespace MLEvents.Local.Simulator.Storage;

/// <summary>
/// State that survives a restart. All durable changes happen under one lock, so that no reader sees a change before it is written to the file.
/// After a failed write, memory contains changes that the file does not contain. All further changes are therefore refused, and the process must stop.
/// Without <see cref="SimulatorOptions.DataFile"/> nothing is written.
/// </summary>
internal sealed class Journal : IDisposable
{
    // The reader accepts a depth of 64, and a line is a list of changes.
    private static readonly JsonWriterOptions WriterOptions = new() { MaxDepth = 63 };

    private readonly JournalFile? _file;
    private readonly Dictionary<string, List<JsonElement>> _restored = new(StringComparer.Ordinal);
    private readonly MemoryStream _batch = new();
    private readonly TaskCompletionSource<IOException> _failed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private List<Action> _onCommitted = [];
    private IOException? _failure;
    private int _depth;

    /// <summary>Opens the file named in the options.</summary>
    /// <exception cref="IOException">The file cannot be used.</exception>
    public Journal(IOptions<SimulatorOptions> options)
    {
        if (options.Value.DataFile is not { Length: > 0 } name)
        {
            return;
        }

        (_file, var entries) = JournalFile.Open(name);
        foreach (var group in entries.GroupBy(entry => entry.Key.Split('/', 2)[0], StringComparer.Ordinal))
        {
            _restored[group.Key] = [.. group.Select(entry => entry.Value)];
        }
    }

    /// <summary>Guards all durable state. Readers hold it too. Acquire it before any other lock.</summary>
    public Lock Gate { get; } = new();

    /// <summary>Completes with the error of the first failed write.</summary>
    public Task<IOException> Failed => _failed.Task;

    /// <summary>Applies changes atomically and returns after the file contains them. If calls are nested, the outermost call writes all changes.</summary>
    /// <exception cref="IOException">The changes cannot be written, or an earlier write failed.</exception>
    public T Commit<T>(Func<T> change)
    {
        lock (Gate)
        {
            if (_failure is { } failure)
            {
                throw new IOException(failure.Message, failure);
            }

            _depth++;
            try
            {
                return change();
            }
            finally
            {
                if (--_depth == 0)
                {
                    Write();
                }
            }
        }
    }

    /// <inheritdoc cref="Commit{T}(Func{T})"/>
    public void Commit(Action change) => Commit(() =>
    {
        change();
        return 0;
    });

    /// <summary>Stores a value.</summary>
    public void Put<T>(string kind, string id, T value) => Change(kind, id, writer => JsonSerializer.Serialize(writer, value, JournalJson.For<T>()));

    /// <summary>Removes a value.</summary>
    public void Remove(string kind, string id) => Change(kind, id, writer => writer.WriteNullValue());

    /// <summary>Runs an action after the current changes are written. If they cannot be written, the action never runs.</summary>
    public void OnCommitted(Action action) => Commit(() => _onCommitted.Add(action));

    /// <summary>The values of a kind stored by an earlier process, oldest first. A second call returns an empty list.</summary>
    public IReadOnlyList<T> Restored<T>(string kind)
    {
        lock (Gate)
        {
            return _restored.Remove(kind, out var found) ? [.. found.Select(value => value.Deserialize(JournalJson.For<T>())).OfType<T>()] : [];
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _file?.Dispose();
        _batch.Dispose();
    }

    private void Change(string kind, string id, Action<Utf8JsonWriter> writeValue)
    {
        if (_file is not null)
        {
            Commit(() =>
            {
                // The change has its own buffer, so that a value that cannot be written leaves no part of a change in the batch.
                var change = new ArrayBufferWriter<byte>();
                using (var writer = new Utf8JsonWriter(change, WriterOptions))
                {
                    writer.WriteStartArray();
                    writer.WriteStringValue($"{kind}/{id}");
                    writeValue(writer);
                    writer.WriteEndArray();
                }

                _batch.Write(_batch.Length == 0 ? "["u8 : ","u8);
                _batch.Write(change.WrittenSpan);
            });
        }
    }

    private void Write()
    {
        // The list of actions is emptied before the write, so that the actions never run if the write fails.
        var actions = _onCommitted;
        _onCommitted = [];
        if (_batch.Length > 0)
        {
            _batch.Write("]\n"u8);
            var line = _batch.ToArray();
            _batch.SetLength(0);
            Append(line);
        }

        actions.ForEach(action => action());
    }

    private void Append(byte[] line)
    {
        try
        {
            _file?.Append(line);
        }
        catch (IOException exception)
        {
            _failure = new IOException(
                $"{SimulatorOptions.Section}:{nameof(SimulatorOptions.DataFile)} cannot be written ({exception.Message}). The simulator stops, because its state differs from the file. "
                + "Correct the cause, and start the simulator again: it continues from the file.",
                exception);
            _failed.TrySetResult(_failure);
            throw _failure;
        }
    }
}
