namespace MLEvents.Local.Simulator.Control;

/// <summary>One thing that happened.</summary>
/// <param name="Number">Its place in the order, from 1.</param>
/// <param name="Time">When.</param>
/// <param name="Kind">What kind of thing, such as <c>job.Running</c> or <c>event.delivered</c>.</param>
/// <param name="Subject">What it happened to.</param>
/// <param name="Correlation">The correlation tag, or null when there is none.</param>
/// <param name="Detail">More about it, or null.</param>
internal sealed record TimelineEntry(long Number, DateTimeOffset Time, string Kind, string Subject, string? Correlation, string? Detail);

/// <summary>Everything that happened, in order. Readers may wait for more.</summary>
internal sealed class Timeline(TimeProvider time)
{
    private const int Stored = 20_000;
    private readonly Lock _gate = new();
    private readonly List<TimelineEntry> _happenings = [];
    private TaskCompletionSource _more = Fresh();
    private long _last;

    /// <summary>Adds an entry.</summary>
    public void Add(string kind, string subject, string? correlation = null, string? detail = null)
    {
        TaskCompletionSource waiting;
        lock (_gate)
        {
            _happenings.Add(new(++_last, time.GetUtcNow(), kind, subject, correlation, detail));
            if (_happenings.Count > Stored)
            {
                _happenings.RemoveRange(0, Stored / 10);
            }

            waiting = _more;
            _more = Fresh();
        }

        waiting.SetResult();
    }

    /// <summary>The entries after a number, waiting up to a limit, or until cancelled, for the first.</summary>
    public async Task<IReadOnlyList<TimelineEntry>> AfterAsync(long number, TimeSpan limit, CancellationToken cancellationToken)
    {
        var (found, more) = Look(number);
        if (found.Count > 0 || limit <= TimeSpan.Zero)
        {
            return found;
        }

        // Nothing came in time, or nobody waits any more: then there is nothing to be found either.
        await more.WaitAsync(limit, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return Look(number).Found;
    }

    private static TaskCompletionSource Fresh() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private (IReadOnlyList<TimelineEntry> Found, Task More) Look(long number)
    {
        lock (_gate)
        {
            return ([.. _happenings.Where(happening => happening.Number > number)], _more.Task);
        }
    }
}
