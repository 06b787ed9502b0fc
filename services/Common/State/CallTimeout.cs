namespace MLEvents.State;

/// <summary>Limits the duration of a call to the sidecar, because other operations wait until the call ends.</summary>
/// <param name="time">Measures the time.</param>
public sealed class CallTimeout(TimeProvider time)
{
    /// <summary>The longest time of a call if the caller sets no other limit.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    /// <summary>Makes a call.</summary>
    /// <typeparam name="T">The type of the answer.</typeparam>
    /// <param name="target">What the call reads or writes, as part of a sentence, for example <c>topic 'orders'</c>.</param>
    /// <param name="call">Makes the call with a token that is cancelled when the time is over.</param>
    /// <param name="limit">The longest time of the call; null for <see cref="Limit"/>.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <exception cref="TimeoutException">The sidecar did not answer in time.</exception>
    public async Task<T> RunAsync<T>(string target, Func<CancellationToken, Task<T>> call, TimeSpan? limit = null, CancellationToken cancellationToken = default)
    {
        var longest = limit ?? Limit;
        using var timeout = new CancellationTokenSource(longest, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            return await call(either.Token);
        }
        catch (OperationCanceledException exception) when (timeout.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException($"The Dapr sidecar did not answer a call to {target} within {longest.TotalSeconds} s.", exception);
        }
    }
}
