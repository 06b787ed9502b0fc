namespace MLEvents.Benchmarks;

/// <summary>Waits for what comes about.</summary>
internal static class SettleTimeout
{
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan Between = TimeSpan.FromMilliseconds(50);

    /// <exception cref="TimeoutException">It did not come about within two minutes.</exception>
    public static async Task UntilAsync(string what, Func<Task<bool>> isSo, CancellationToken cancellationToken)
    {
        var start = TimeProvider.System.GetTimestamp();
        while (!await isSo())
        {
            if (TimeProvider.System.GetElapsedTime(start) > Longest)
            {
                throw new TimeoutException($"Not within {Longest.TotalSeconds:F0} s: {what}.");
            }

            await Task.Delay(Between, TimeProvider.System, cancellationToken);
        }
    }
}
