namespace MLEvents.Local.Sidecar.Resiliency;

/// <summary>Tokens and hooks of one run.</summary>
/// <param name="BeforeWait">Called with the wait before each retry, which is left when it answers false; null for nothing.</param>
/// <param name="Stop">Ends the retries, not the attempt that runs.</param>
/// <param name="Abort">Ends the attempt that runs.</param>
internal readonly record struct PolicyContext(Func<TimeSpan, Task<bool>>? BeforeWait, CancellationToken Stop, CancellationToken Abort);

/// <summary>Runs actions under a target's policies, nested as in daprd: retries around the circuit breaker around the timeout of one attempt.</summary>
internal sealed class PolicyRunner(PolicySet policies, TimeProvider time, Func<double> jitter)
{
    /// <summary>
    /// Runs the action until it succeeds or the policies give up; then its last exception is thrown.
    /// A <see cref="Errors.DaprException"/> whose error is permanent is never retried. Policies that match on statuses look at
    /// <see cref="HttpRequestException.StatusCode"/>.
    /// </summary>
    public Task<T> RunAsync<T>(Func<CancellationToken, Task<T>> action, CancellationToken cancellationToken) =>
        RunAsync(action, new PolicyContext(BeforeWait: null, cancellationToken, cancellationToken));

    /// <inheritdoc cref="RunAsync{T}(Func{CancellationToken, Task{T}}, CancellationToken)"/>
    public async Task<T> RunAsync<T>(Func<CancellationToken, Task<T>> action, PolicyContext context)
    {
        var schedule = policies.Retry?.Start(jitter, time);
        while (true)
        {
            TimeSpan wait;
            try
            {
                return await AttemptAsync(action, context.Abort);
            }
            catch (Exception exception) when (!context.Abort.IsCancellationRequested && schedule?.Next(exception) is { } next)
            {
                if (context.BeforeWait is { } mayWait && !await mayWait(next))
                {
                    throw;
                }

                wait = next;
            }

            await Task.Delay(wait, time, context.Stop);
        }
    }

    private async Task<T> AttemptAsync<T>(Func<CancellationToken, Task<T>> action, CancellationToken cancellationToken)
    {
        policies.Breaker?.Enter();
        try
        {
            var result = await WithTimeoutAsync(action, cancellationToken);
            policies.Breaker?.Leave(succeeded: true);
            return result;
        }
        catch (Exception) when (Failed())
        {
            throw;
        }
    }

    private bool Failed()
    {
        policies.Breaker?.Leave(succeeded: false);
        return false;
    }

    private async Task<T> WithTimeoutAsync<T>(Func<CancellationToken, Task<T>> action, CancellationToken cancellationToken)
    {
        if (policies.Timeout is not { } timeout)
        {
            return await action(cancellationToken);
        }

        using var clock = new CancellationTokenSource(timeout, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(clock.Token, cancellationToken);
        try
        {
            return await action(both.Token);
        }
        catch (OperationCanceledException exception) when (clock.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException("context deadline exceeded", exception);
        }
    }
}
