namespace MLEvents.Ledger.Execution;

/// <summary>Calculates the waits before retries and polls.</summary>
internal static class Backoff
{
    /// <summary>The wait after a number of failures in a row: the first wait, doubled after each further failure, up to the longest wait.</summary>
    public static TimeSpan Wait(int failures, TimeSpan first, TimeSpan max)
    {
        var wait = first.TotalSeconds * Math.Pow(2, failures - 1);
        return wait >= max.TotalSeconds ? max : TimeSpan.FromSeconds(wait);
    }

    /// <summary>Changes a wait by up to 10 % at random, so that actions and replicas that began to wait together do not continue together.</summary>
    public static TimeSpan Jittered(TimeSpan wait) => wait * (0.9 + (Random.Shared.NextDouble() * 0.2));
}
