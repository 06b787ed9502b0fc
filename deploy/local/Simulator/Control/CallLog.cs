namespace MLEvents.Local.Simulator.Control;

/// <summary>One call of an operation.</summary>
/// <param name="Operation">The operation's name.</param>
/// <param name="Resource">The path or name it was called with.</param>
/// <param name="Status">The status answered.</param>
/// <param name="Worked">Whether it changed anything.</param>
/// <param name="Fault">The kind of fault that hit it, or null.</param>
internal sealed record Call(string Operation, string Resource, int Status, bool Worked, string? Fault);

/// <summary>What became of all calls of one operation.</summary>
/// <param name="Calls">How many there were.</param>
/// <param name="Worked">How many changed anything.</param>
/// <param name="Faulted">How many a fault hit.</param>
/// <param name="Statuses">How many ended with each status.</param>
internal sealed record CallCount(int Calls, int Worked, int Faulted, IReadOnlyDictionary<string, int> Statuses);

/// <summary>Counts calls. Keeps the last <see cref="Kept"/> of them.</summary>
internal sealed class CallLog
{
    /// <summary>How many calls are kept in full.</summary>
    public const int Kept = 10_000;

    private readonly Lock _gate = new();
    private readonly Queue<Call> _calls = new();

    /// <summary>Adds a call.</summary>
    public void Add(Call call)
    {
        lock (_gate)
        {
            _calls.Enqueue(call);
            if (_calls.Count > Kept)
            {
                _calls.Dequeue();
            }
        }
    }

    /// <summary>The calls kept, oldest first.</summary>
    public IReadOnlyList<Call> List()
    {
        lock (_gate)
        {
            return [.. _calls];
        }
    }

    /// <summary>The counts per operation.</summary>
    public IReadOnlyDictionary<string, CallCount> Count() => List()
        .GroupBy(call => call.Operation, StringComparer.Ordinal)
        .OrderBy(group => group.Key, StringComparer.Ordinal)
        .ToDictionary(group => group.Key, Sum, StringComparer.Ordinal);

    private static CallCount Sum(IGrouping<string, Call> calls) => new(
        calls.Count(),
        calls.Count(call => call.Worked),
        calls.Count(call => call.Fault is not null),
        calls.CountBy(call => call.Status).ToDictionary(pair => $"{pair.Key}", pair => pair.Value, StringComparer.Ordinal));
}
