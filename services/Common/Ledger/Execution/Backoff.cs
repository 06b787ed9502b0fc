namespace MLEvents.Ledger.Execution;

/// <summary>Calculates the wait before the next attempt.</summary>
internal static class Backoff
{
    /// <summary>Doubles the first wait with each attempt, up to the longest wait.</summary>
    public static TimeSpan Wait(int attempt, TimeSpan first, TimeSpan longest)
    {
        var wait = first.TotalSeconds * Math.Pow(2, attempt - 1);
        return wait >= longest.TotalSeconds ? longest : TimeSpan.FromSeconds(wait);
    }

    /// <summary>Changes a wait by up to 10 % at random, so that actions that failed together are not retried together.</summary>
    public static TimeSpan Jittered(TimeSpan wait) => wait * (0.9 + (Random.Shared.NextDouble() * 0.2));
}
