namespace MLEvents.Dashboard.History;

/// <summary>Tells pages that are open that the history has changed.</summary>
internal sealed class HistorySignal
{
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes at the next change that this replica writes.</summary>
    public Task Changed => Volatile.Read(ref _changed).Task;

    /// <summary>Reports a change.</summary>
    public void Raise() => Interlocked.Exchange(ref _changed, new(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();
}
