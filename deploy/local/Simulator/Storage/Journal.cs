using System.Text.Json;
using Microsoft.Extensions.Options;

namespace MLEvents.Local.Simulator.Storage;

/// <summary>
/// What survives a restart. Everything durable changes under one gate, so that nobody sees a change that the file does not hold yet.
/// Without <see cref="SimulatorOptions.DataFile"/> nothing is kept.
/// </summary>
internal sealed class Journal : IDisposable
{
    private readonly JournalFile? _file;
    private readonly Dictionary<string, List<JsonElement>> _restored = new(StringComparer.Ordinal);
    private readonly MemoryStream _batch = new();
    private List<Action> _afterwards = [];
    private int _depth;

    /// <summary>Opens the file that the options name.</summary>
    /// <exception cref="IOException">It cannot be used.</exception>
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

    /// <summary>Guards all that is kept. Readers of it hold it too. Take no other lock first.</summary>
    public Lock Gate { get; } = new();

    /// <summary>Makes changes that survive together or not at all, and returns when the file has them.</summary>
    public T Together<T>(Func<T> change)
    {
        lock (Gate)
        {
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

    /// <inheritdoc cref="Together{T}(Func{T})"/>
    public void Together(Action change) => Together(() =>
    {
        change();
        return 0;
    });

    /// <summary>Keeps a value.</summary>
    public void Put(string kind, string id, object value) => Change(kind, id, value);

    /// <summary>Forgets a value.</summary>
    public void Remove(string kind, string id) => Change(kind, id, null);

    /// <summary>Does something as soon as the changes under way are kept.</summary>
    public void Afterwards(Action action) => Together(() => _afterwards.Add(action));

    /// <summary>The values of a kind that an earlier process left, oldest first. They are handed out once.</summary>
    public IReadOnlyList<T> Restored<T>(string kind)
    {
        lock (Gate)
        {
            return _restored.Remove(kind, out var found) ? [.. found.Select(value => value.Deserialize<T>()).OfType<T>()] : [];
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _file?.Dispose();
        _batch.Dispose();
    }

    private void Change(string kind, string id, object? value)
    {
        if (_file is not null)
        {
            Together(() =>
            {
                var change = JsonSerializer.SerializeToUtf8Bytes<object?[]>([$"{kind}/{id}", value]);
                _batch.Write(_batch.Length == 0 ? "["u8 : ","u8);
                _batch.Write(change);
            });
        }
    }

    private void Write()
    {
        if (_batch.Length > 0)
        {
            _batch.Write("]\n"u8);
            var line = _batch.ToArray();
            _batch.SetLength(0);
            _file?.Append(line);
        }

        var actions = _afterwards;
        _afterwards = [];
        actions.ForEach(action => action());
    }
}
