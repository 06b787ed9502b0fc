namespace MLEvents.Local.Verify;

/// <summary>Runs parts of a verification at the same time.</summary>
internal static class ParallelParts
{
    /// <summary>Completes when all parts have completed. If one fails, the others are cancelled, because they may wait for the failed one.</summary>
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
}
