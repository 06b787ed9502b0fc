namespace MLEvents.Tests.Common;

/// <summary>Waits for a state when no notification reports its change, such as a state of another process. If there is a notification, wait for it instead.</summary>
public static class Poll
{
    private static readonly TimeSpan DefaultInterval = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan DefaultDeadline = TimeSpan.FromSeconds(60);

    /// <summary>Reads a state repeatedly until it meets a condition.</summary>
    /// <typeparam name="T">The type of the state.</typeparam>
    /// <param name="look">Reads the present state.</param>
    /// <param name="fits">Whether the state is the expected one.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <param name="interval">Time between two evaluations. Default 20 ms.</param>
    /// <param name="deadline">Longest wait. Default 60 s: only a failing test waits that long.</param>
    /// <exception cref="TimeoutException">The state did not meet the condition before the deadline. The message contains the last state.</exception>
    public static async Task<T> UntilAsync<T>(
        Func<CancellationToken, Task<T>> look, Func<T, bool> fits, CancellationToken cancellationToken, TimeSpan? interval = null, TimeSpan? deadline = null)
    {
        var began = TimeProvider.System.GetTimestamp();
        using var timer = new PeriodicTimer(interval ?? DefaultInterval, TimeProvider.System);
        while (true)
        {
            var seen = await look(cancellationToken);
            if (fits(seen))
            {
                return seen;
            }

            if (TimeProvider.System.GetElapsedTime(began) > (deadline ?? DefaultDeadline))
            {
                throw new TimeoutException($"The condition was not true within {(deadline ?? DefaultDeadline).TotalSeconds} s; last state: {seen}");
            }

            await timer.WaitForNextTickAsync(cancellationToken);
        }
    }

    /// <summary>Evaluates a condition repeatedly until it is true.</summary>
    /// <param name="holds">The condition.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <param name="interval">Time between two evaluations. Default 20 ms.</param>
    /// <param name="deadline">Longest wait. Default 60 s: only a failing test waits that long.</param>
    /// <exception cref="TimeoutException">The condition was not true before the deadline.</exception>
    public static Task UntilAsync(Func<bool> holds, CancellationToken cancellationToken, TimeSpan? interval = null, TimeSpan? deadline = null) =>
        UntilAsync(_ => Task.FromResult(holds()), held => held, cancellationToken, interval, deadline);
}
