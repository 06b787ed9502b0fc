namespace MLEvents.Local.Simulator.Storage;

/// <summary>Work on the clock that a restart takes up again. A duty may therefore be performed anew when it was all but done.</summary>
internal sealed class DurableTasks(Journal journal, BackgroundWork work)
{
    /// <summary>Begins a duty once the changes under way are kept.</summary>
    public void Begin<T>(string kind, T duty, Func<T, CancellationToken, Task> perform)
    {
        var kept = new Stored<T>(Guid.NewGuid().ToString("N"), duty);
        journal.Put(kind, kept.Key, kept);
        journal.Afterwards(() => Perform(kind, kept, perform));
    }

    /// <summary>Takes up the duties that an earlier process left.</summary>
    public void Resume<T>(string kind, Func<T, CancellationToken, Task> perform)
    {
        foreach (var kept in journal.Restored<Stored<T>>(kind))
        {
            Perform(kind, kept, perform);
        }
    }

    /// <summary>Waits on the simulator's clock.</summary>
    public Task WaitAsync(TimeSpan duration, CancellationToken cancellationToken) => work.WaitAsync(duration, cancellationToken);

    private void Perform<T>(string kind, Stored<T> kept, Func<T, CancellationToken, Task> perform) => work.Start($"{kind} {kept.Duty}", async token =>
    {
        await perform(kept.Duty, token);
        journal.Remove(kind, kept.Key);
    });

    private sealed record Stored<T>(string Key, T Duty);
}
