namespace MLEvents.Local.Sidecar.Resiliency;

/// <summary>Tokens and hooks of one run.</summary>
/// <param name="BeforeWait">Called before each retry; the argument is the time to wait. If the call returns false, there is no retry. Null for no call.</param>
/// <param name="Stop">Ends the retries, but not the current attempt.</param>
/// <param name="Abort">Ends the current attempt.</param>
internal readonly record struct PolicyContext(Func<TimeSpan, Task<bool>>? BeforeWait, CancellationToken Stop, CancellationToken Abort);

/// <summary>
/// Runs actions under the policies of a target. As in daprd, the timeout applies to each attempt, and the circuit breaker counts each attempt.
/// </summary>
internal sealed class PolicyRunner(PolicySet policies, TimeProvider time, Func<double> jitter)
{
    /// <summary>
    /// Runs the action until it succeeds. If the policies allow no further attempt, throws the last exception.
    /// A <see cref="BreakerOpenException"/>, a <see cref="PermanentFailureException"/>, and a <see cref="Errors.DaprException"/> with a permanent error
    /// are never retried.
    /// A retry policy with a list of statuses compares them with <see cref="HttpRequestException.StatusCode"/>.
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
        var period = policies.Breaker?.Enter() ?? 0;
        try
        {
            var result = await WithTimeoutAsync(action, cancellationToken);
            policies.Breaker?.Leave(period, succeeded: true);
            return result;
        }
        catch (Exception) when (Failed(period))
        {
            throw;
        }
    }

    private bool Failed(long period)
    {
        policies.Breaker?.Leave(period, succeeded: false);
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
