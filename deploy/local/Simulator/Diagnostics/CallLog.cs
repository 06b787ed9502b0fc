namespace MLEvents.Local.Simulator.Diagnostics;

/// <summary>One call of an operation.</summary>
/// <param name="Operation">The operation's name.</param>
/// <param name="Resource">The path or name in the call.</param>
/// <param name="Status">The status answered.</param>
/// <param name="ChangedState">Whether the call changed state.</param>
/// <param name="Fault">The kind of the injected fault, or null.</param>
internal sealed record Call(string Operation, string Resource, int Status, bool ChangedState, string? Fault);

/// <summary>Results of all calls of one operation.</summary>
/// <param name="Calls">Number of calls.</param>
/// <param name="ChangedState">Number of calls that changed state.</param>
/// <param name="Faulted">Number of calls affected by a fault.</param>
/// <param name="Statuses">Number of calls by status.</param>
internal sealed record CallCount(int Calls, int ChangedState, int Faulted, IReadOnlyDictionary<string, int> Statuses);

/// <summary>Counts all calls and stores the last <see cref="MaxCalls"/> calls.</summary>
internal sealed class CallLog
{
    /// <summary>The largest number of stored calls.</summary>
    public const int MaxCalls = 1_000;

    private readonly Lock _gate = new();
    private readonly Queue<Call> _calls = new();
    private readonly SortedDictionary<string, Sum> _sums = new(StringComparer.Ordinal);

    /// <summary>Adds a call.</summary>
    public void Add(Call call)
    {
        lock (_gate)
        {
            if (!_sums.TryGetValue(call.Operation, out var sum))
            {
                _sums[call.Operation] = sum = new();
            }

            sum.Add(call);
            _calls.Enqueue(call);
            if (_calls.Count > MaxCalls)
            {
                _calls.Dequeue();
            }
        }
    }

    /// <summary>The stored calls, oldest first.</summary>
    public IReadOnlyList<Call> List()
    {
        lock (_gate)
        {
            return [.. _calls];
        }
    }

    /// <summary>The counts per operation.</summary>
    public IReadOnlyDictionary<string, CallCount> Count()
    {
        lock (_gate)
        {
            return _sums.ToDictionary(pair => pair.Key, pair => pair.Value.ToCount(), StringComparer.Ordinal);
        }
    }

    private sealed class Sum
    {
        private readonly SortedDictionary<int, int> _statuses = [];
        private int _calls;
        private int _changedState;
        private int _faulted;

        public void Add(Call call)
        {
            _calls++;
            _changedState += call.ChangedState ? 1 : 0;
            _faulted += call.Fault is null ? 0 : 1;
            _statuses[call.Status] = _statuses.GetValueOrDefault(call.Status) + 1;
        }

        public CallCount ToCount() => new(_calls, _changedState, _faulted, _statuses.ToDictionary(pair => $"{pair.Key}", pair => pair.Value, StringComparer.Ordinal));
    }
}
