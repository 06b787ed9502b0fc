namespace MLEvents.ServiceDefaults;

/// <summary>
/// Limits the log to one line about refused requests in 10 s, so that a caller without a key or token cannot fill the log.
/// Register it as a singleton, because the filters and handlers that use it are created for each request.
/// </summary>
/// <param name="time">The clock.</param>
public sealed class RefusalLimiter(TimeProvider time)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);
    private readonly Lock _lock = new();
    private long? _last;
    private int _notLogged;

    /// <summary>Counts a refused request.</summary>
    /// <param name="notLogged">The number of requests that were not logged since the last line.</param>
    /// <returns>Whether to log this request.</returns>
    public bool TryEnter(out int notLogged)
    {
        lock (_lock)
        {
            notLogged = _notLogged;
            if (_last is { } last && time.GetElapsedTime(last) < Interval)
            {
                _notLogged++;
                return false;
            }

            (_last, _notLogged) = (time.GetTimestamp(), 0);
            return true;
        }
    }
}
