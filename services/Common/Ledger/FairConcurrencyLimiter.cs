namespace MLEvents.Ledger;

/// <summary>The places for actions that are advanced at the same time, shared fairly: a rule with many or slow actions leaves room for the others.</summary>
/// <param name="count">How many there are. One rule gets three quarters of them at most (of a single one, that one).</param>
internal sealed class FairConcurrencyLimiter(int count)
{
    private readonly int _mostOfOneRule = count - (count / 4);
    private readonly Lock _gate = new();
    private readonly Dictionary<string, string> _ruleOf = [];
    private TaskCompletionSource? _empty;

    /// <summary>Takes places for the actions whose turn it is: of the rule with the fewest under way, the longest due first.</summary>
    /// <param name="waiting">What is due, the longest due first. What gets a place, or has one, is removed from it.</param>
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

    /// <summary>Gives a place back.</summary>
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

    /// <summary>A task that completes when nothing is under way.</summary>
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
