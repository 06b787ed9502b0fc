namespace MLEvents.Dashboard.History;

/// <summary>Notifies open pages of changes in the history.</summary>
internal sealed class HistorySignal
{
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes at the next change that this replica writes.</summary>
    public Task Changed => Volatile.Read(ref _changed).Task;

    /// <summary>Reports a change.</summary>
    public void Raise() => Interlocked.Exchange(ref _changed, new(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();
}
