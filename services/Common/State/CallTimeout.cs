namespace MLEvents.State;

/// <summary>Limits the duration of a call to the sidecar. Other operations wait until the call ends, so it must not wait without limit.</summary>
internal sealed class CallTimeout(TimeSpan limit, TimeProvider time)
{
    public async Task<T> RunAsync<T>(string store, Func<CancellationToken, Task<T>> call)
    {
        using var timeout = new CancellationTokenSource(limit, time);
        try
        {
            return await call(timeout.Token);
        }
        catch (OperationCanceledException exception) when (timeout.IsCancellationRequested)
        {
            throw new TimeoutException($"The Dapr sidecar did not answer a call to state store '{store}' within {limit.TotalSeconds} s.", exception);
        }
    }
}
