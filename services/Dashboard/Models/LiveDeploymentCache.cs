using MLEvents.Dashboard.Operating;

namespace MLEvents.Dashboard.Models;

/// <summary>Answers of the deployer that pages of models share. An open page is read again after each change of the history, and each read would cost calls to Azure.</summary>
internal sealed class LiveDeploymentCache(TimeProvider time)
{
    // In Azure, moving traffic takes minutes.
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(3);
    private const int MaxEntries = 1_000;

    private readonly Dictionary<string, Entry> _entries = new(StringComparer.Ordinal);
    private readonly Lock _lock = new();

    /// <summary>Returns an answer that is at most 15 s old, or asks once for all callers.</summary>
    /// <param name="path">The path of the deployer's operator API.</param>
    /// <param name="ask">Sends the request. A failure is an answer, not an exception.</param>
    /// <param name="cancellationToken">Cancels the wait, not the request.</param>
    /// <returns>The answer; after 3 s an answer that says that there is none yet.</returns>
    public async Task<ServiceAnswer> GetAsync(string path, Func<string, Task<ServiceAnswer>> ask, CancellationToken cancellationToken)
    {
        var answer = Find(path, ask);
        try
        {
            return await answer.WaitAsync(Longest, time, cancellationToken);
        }
        catch (TimeoutException)
        {
            return new(0, default, $"The deployer has not answered within {Longest.TotalSeconds} s. Load the page again.");
        }
    }

    private Task<ServiceAnswer> Find(string path, Func<string, Task<ServiceAnswer>> ask)
    {
        lock (_lock)
        {
            var now = time.GetUtcNow();
            if (_entries.TryGetValue(path, out var known) && now - known.At < Fresh)
            {
                return known.Answer;
            }

            if (_entries.Count >= MaxEntries)
            {
                _entries.Clear();
            }

            return (_entries[path] = new(now, ask(path))).Answer;
        }
    }

    private sealed record Entry(DateTimeOffset At, Task<ServiceAnswer> Answer);
}
