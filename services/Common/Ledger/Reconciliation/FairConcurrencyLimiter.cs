using MLEvents.Ledger.Indexes;

namespace MLEvents.Ledger.Reconciliation;

/// <summary>Limits how many actions run at the same time, and shares the limit fairly: a rule with many or slow actions leaves capacity for the actions of other rules.</summary>
/// <param name="count">How many actions may run at the same time. One rule gets at most three quarters of them, rounded up.</param>
internal sealed class FairConcurrencyLimiter(int count)
{
    private readonly int _mostOfOneRule = count - (count / 4);
    private readonly Lock _gate = new();
    private readonly Dictionary<string, IndexedAction> _running = [];
    private readonly HashSet<string> _dueAgain = [];
    private TaskCompletionSource? _empty;

    /// <summary>Chooses the actions to start, up to the limit. The rule with the fewest running actions comes first. If several rules have equally few, the action that has been due longest comes first.</summary>
    /// <param name="waiting">The due actions, the longest due first. Actions that are chosen, or already run, are removed from the list.</param>
    public IReadOnlyList<IndexedAction> Take(List<IndexedAction> waiting)
    {
        lock (_gate)
        {
            var taken = new List<IndexedAction>();
            waiting.RemoveAll(IsRunning);
            while (_running.Count < count && Next(waiting) is { } next)
            {
                _running.Add(next.Id, next);
                waiting.Remove(next);
                taken.Add(next);
            }

            return taken;
        }
    }

    /// <summary>Releases the slot of an action that has stopped running.</summary>
    /// <returns>Whether the action became due again while it ran, so that it must be listed again.</returns>
    public bool Free(string id)
    {
        lock (_gate)
        {
            _running.Remove(id);
            if (_running.Count == 0)
            {
                _empty?.TrySetResult();
            }

            return _dueAgain.Remove(id);
        }
    }

    /// <summary>A task that completes when no action runs.</summary>
    public Task WhenEmpty()
    {
        lock (_gate)
        {
            _empty = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            if (_running.Count == 0)
            {
                _empty.SetResult();
            }

            return _empty.Task;
        }
    }

    // The entry of a running action stays in the index, and is due, until the action ends or is postponed. If its due time has changed since the action was started, the action must run again.
    private bool IsRunning(IndexedAction action)
    {
        if (!_running.TryGetValue(action.Id, out var started))
        {
            return false;
        }

        if (action.DueAt != started.DueAt)
        {
            _dueAgain.Add(action.Id);
        }

        return true;
    }

    private IndexedAction? Next(List<IndexedAction> waiting)
    {
        var running = _running.Values.CountBy(action => action.Rule).ToDictionary();
        return waiting
            .DistinctBy(action => action.Rule)
            .Where(action => running.GetValueOrDefault(action.Rule) < _mostOfOneRule)
            .MinBy(action => running.GetValueOrDefault(action.Rule));
    }
}
