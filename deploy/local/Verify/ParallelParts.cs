namespace MLEvents.Local.Verify;

/// <summary>Runs parts of a verification at the same time.</summary>
internal static class ParallelParts
{
    /// <summary>Completes when all parts have completed. If one part fails, the other parts are cancelled, because they may wait for the failed part.</summary>
    /// <param name="cancellationToken">Cancels all parts.</param>
    /// <param name="parts">The parts.</param>
    public static async Task RunAsync(CancellationToken cancellationToken, params IEnumerable<Func<CancellationToken, Task>> parts)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        await Task.WhenAll(parts.Select(RunAsync));

        async Task RunAsync(Func<CancellationToken, Task> part)
        {
            var isComplete = false;
            try
            {
                await part(stop.Token);
                isComplete = true;
            }
            finally
            {
                await (isComplete ? Task.CompletedTask : stop.CancelAsync());
            }
        }
    }

    /// <summary>Runs work and a second task at the same time, and cancels the second task when the work has completed.</summary>
    /// <param name="work">The work, which is cancelled if <paramref name="beside"/> fails.</param>
    /// <param name="beside">The second task. It may end before the work.</param>
    /// <param name="cancellationToken">Cancels the work and the second task.</param>
    public static async Task<T> RunBesideAsync<T>(Func<CancellationToken, Task<T>> work, Func<CancellationToken, Task> beside, CancellationToken cancellationToken)
    {
        using var ended = new CancellationTokenSource();
        T? result = default;
        await RunAsync(
            cancellationToken,
            async stop =>
            {
                result = await work(stop);
                await ended.CancelAsync();
            },
            async stop =>
            {
                using var either = CancellationTokenSource.CreateLinkedTokenSource(stop, ended.Token);
                try
                {
                    await beside(either.Token);
                }
                catch (OperationCanceledException) when (ended.IsCancellationRequested)
                {
                    // The work has completed.
                }
            });
        return result!;
    }
}
