namespace MLEvents.Local.Simulator.Diagnostics;

/// <summary>One entry of the timeline.</summary>
/// <param name="Number">The number of the entry, starting at 1.</param>
/// <param name="Time">The time of the entry.</param>
/// <param name="Kind">The kind, such as <c>job.Running</c> or <c>event.delivered</c>.</param>
/// <param name="Subject">The affected resource.</param>
/// <param name="Correlation">The correlation tag; null if the resource has none.</param>
/// <param name="Detail">Additional details; null if there are none.</param>
internal sealed record TimelineEntry(long Number, DateTimeOffset Time, string Kind, string Subject, string? Correlation, string? Detail);

/// <summary>Records the changes in the simulator, in order. Readers can wait for new entries.</summary>
internal sealed class Timeline(TimeProvider time)
{
    private const int MaxEntries = 20_000;
    private readonly Lock _gate = new();
    private readonly List<TimelineEntry> _entries = [];
    private TaskCompletionSource _more = Fresh();
    private long _last;

    /// <summary>Adds an entry.</summary>
    public void Add(string kind, string subject, string? correlation = null, string? detail = null)
    {
        TaskCompletionSource waiting;
        lock (_gate)
        {
            _entries.Add(new(++_last, time.GetUtcNow(), kind, subject, correlation, detail));
            if (_entries.Count > MaxEntries)
            {
                _entries.RemoveRange(0, MaxEntries / 10);
            }

            waiting = _more;
            _more = Fresh();
        }

        waiting.SetResult();
    }

    /// <summary>Returns the entries with a greater number. If there are none, waits for such an entry until the limit has passed or the call is cancelled.</summary>
    public async Task<IReadOnlyList<TimelineEntry>> AfterAsync(long number, TimeSpan limit, CancellationToken cancellationToken)
    {
        var (found, more) = Look(number);
        if (found.Count > 0 || limit <= TimeSpan.Zero)
        {
            return found;
        }

        // When the wait ends without a new entry, the second read returns an empty list.
        await more.WaitAsync(limit, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return Look(number).Found;
    }

    private static TaskCompletionSource Fresh() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private (IReadOnlyList<TimelineEntry> Found, Task More) Look(long number)
    {
        lock (_gate)
        {
            return ([.. _entries.Where(entry => entry.Number > number)], _more.Task);
        }
    }
}
