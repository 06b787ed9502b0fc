using MLEvents.Dashboard.Operating;

namespace MLEvents.Dashboard.Models;

/// <summary>
/// Caches answers of the deployer for the pages of models. A browser reloads an open page after each change of the dashboard's history.
/// Without the cache, each reload would make the deployer call Azure.
/// </summary>
internal sealed class LiveDeploymentCache(TimeProvider time)
{
    // Azure takes minutes to change the traffic, so an answer of this age is still correct enough.
    private static readonly TimeSpan MaxAge = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan MaxWait = TimeSpan.FromSeconds(3);
    private const int MaxEntries = 1_000;

    private readonly Dictionary<string, Entry> _entries = new(StringComparer.Ordinal);
    private readonly Lock _lock = new();

    /// <summary>Returns an answer that is at most 15 s old, or sends one request for all callers.</summary>
    /// <param name="path">The path of the deployer's operator API.</param>
    /// <param name="send">Sends the request. A failure is an answer, not an exception.</param>
    /// <param name="cancellationToken">Cancels the wait, not the request.</param>
    /// <returns>The answer. If the deployer does not answer within 3 s, an answer with status 0 and this reason.</returns>
    public async Task<ServiceAnswer> GetAsync(string path, Func<string, Task<ServiceAnswer>> send, CancellationToken cancellationToken)
    {
        var answer = GetOrSend(path, send);
        try
        {
            return await answer.WaitAsync(MaxWait, time, cancellationToken);
        }
        catch (TimeoutException)
        {
            return new(0, default, $"The deployer has not answered within {MaxWait.TotalSeconds} s. Load the page again.");
        }
    }

    private Task<ServiceAnswer> GetOrSend(string path, Func<string, Task<ServiceAnswer>> send)
    {
        lock (_lock)
        {
            var now = time.GetUtcNow();
            if (_entries.TryGetValue(path, out var known) && now - known.At < MaxAge)
            {
                return known.Answer;
            }

            if (_entries.Count >= MaxEntries)
            {
                _entries.Clear();
            }

            return (_entries[path] = new(now, send(path))).Answer;
        }
    }

    private sealed record Entry(DateTimeOffset At, Task<ServiceAnswer> Answer);
}
