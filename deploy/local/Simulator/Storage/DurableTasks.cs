namespace MLEvents.Local.Simulator.Storage;

/// <summary>Timed work that survives a restart. Work that had not finished when the process ended starts again from its stored state.</summary>
internal sealed class DurableTasks(Journal journal, BackgroundWork work)
{
    /// <summary>Starts a task after the current changes are written.</summary>
    public void Begin<T>(string kind, T state, Func<T, CancellationToken, Task> perform)
    {
        var stored = new StoredTask<T>(Guid.NewGuid().ToString("N"), state);
        journal.Put(kind, stored.Key, stored);
        journal.OnCommitted(() => Perform(kind, stored, perform));
    }

    /// <summary>Resumes the tasks of an earlier process.</summary>
    public void Resume<T>(string kind, Func<T, CancellationToken, Task> perform)
    {
        foreach (var stored in journal.Restored<StoredTask<T>>(kind))
        {
            Perform(kind, stored, perform);
        }
    }

    /// <summary>Waits on the simulator's clock.</summary>
    public Task WaitAsync(TimeSpan duration, CancellationToken cancellationToken) => work.WaitAsync(duration, cancellationToken);

    private void Perform<T>(string kind, StoredTask<T> stored, Func<T, CancellationToken, Task> perform) => work.Start($"{kind} {stored.State}", async token =>
    {
        await perform(stored.State, token);
        journal.Remove(kind, stored.Key);
    });
}

/// <summary>A task in the journal.</summary>
/// <param name="Key">The key of the task.</param>
/// <param name="State">What the task needs to start again.</param>
internal sealed record StoredTask<T>(string Key, T State);
