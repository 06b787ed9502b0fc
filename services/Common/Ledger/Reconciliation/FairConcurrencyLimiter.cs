using MLEvents.Ledger.Indexes;

namespace MLEvents.Ledger.Reconciliation;

/// <summary>Limits how many actions run at the same time, and shares the limit fairly: a rule with many or slow actions leaves capacity to the others.</summary>
/// <param name="count">The number of actions. One rule gets at most three quarters of it, rounded up.</param>
internal sealed class FairConcurrencyLimiter(int count)
{
    private readonly int _mostOfOneRule = count - (count / 4);
    private readonly Lock _gate = new();
    private readonly Dictionary<string, string> _ruleOf = [];
    private TaskCompletionSource? _empty;

    /// <summary>Starts actions up to the limit. The rule with the fewest running actions comes first; between equal rules, the action that is longest due.</summary>
    /// <param name="waiting">The due actions, the longest due first. Actions that are started, or already run, are removed from it.</param>
    public IReadOnlyList<PendingAction> Take(List<PendingAction> waiting)
    {
        lock (_gate)
        {
            var taken = new List<PendingAction>();
            waiting.RemoveAll(action => _ruleOf.ContainsKey(action.Id));
            while (_ruleOf.Count < count && Next(waiting) is { } next)
            {
                _ruleOf.Add(next.Id, next.Rule);
                waiting.Remove(next);
                taken.Add(next);
            }

            return taken;
        }
    }

    /// <summary>Releases the slot of an action that has stopped running.</summary>
    public void Free(string id)
    {
        lock (_gate)
        {
            _ruleOf.Remove(id);
            if (_ruleOf.Count == 0)
            {
                _empty?.TrySetResult();
            }
        }
    }

    /// <summary>A task that completes when no action runs.</summary>
    public Task WhenEmpty()
    {
        lock (_gate)
        {
            _empty = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            if (_ruleOf.Count == 0)
            {
                _empty.SetResult();
            }

            return _empty.Task;
        }
    }

    private PendingAction? Next(List<PendingAction> waiting)
    {
        var running = _ruleOf.Values.CountBy(rule => rule).ToDictionary();
        return waiting
            .DistinctBy(action => action.Rule)
            .Where(action => running.GetValueOrDefault(action.Rule) < _mostOfOneRule)
            .MinBy(action => running.GetValueOrDefault(action.Rule));
    }
}
