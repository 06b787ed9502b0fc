namespace MLEvents.Dashboard.History;

/// <summary>Notifies open pages of changes in the history, in the health of the services and in the backlog of the broker.</summary>
internal sealed class HistorySignal
{
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _writes;

    /// <summary>The number of transactions that this replica has written to the history.</summary>
    public long Writes => Interlocked.Read(ref _writes);

    /// <summary>Completes after the next write of this replica to the history, or at the next change of the health or the backlog.</summary>
    public Task Changed => Volatile.Read(ref _changed).Task;

    /// <summary>Counts a transaction that this replica has written.</summary>
    public void CountWrite() => Interlocked.Increment(ref _writes);

    /// <summary>Reports a change.</summary>
    public void Raise() => Interlocked.Exchange(ref _changed, new(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();
}
