using MLEvents.Local.Sidecar.Errors;

namespace MLEvents.Local.Sidecar.Resiliency;

/// <summary>A retry policy.</summary>
/// <param name="IsExponential">
/// Whether the waits grow. The first wait is 0.5 s, and each further wait is longer by half. Each wait has a random deviation of up to ±50 %. The retries end after
/// 15 minutes. If the waits do not grow, each wait is <paramref name="Duration"/>.
/// </param>
/// <param name="Duration">Wait of the constant policy. Default 5 s.</param>
/// <param name="MaxInterval">Longest wait of the exponential policy, without the random deviation. Default 60 s.</param>
/// <param name="MaxRetries">Retries after the first attempt; -1 for no limit, which is the default.</param>
/// <param name="Statuses">The statuses that are retried; null for all.</param>
internal sealed record RetryPolicy(bool IsExponential, TimeSpan Duration, TimeSpan MaxInterval, int MaxRetries, StatusMatch? Statuses)
{
    /// <summary>Starts a new series of waits.</summary>
    public RetrySchedule Start(Func<double> jitter, TimeProvider time) => new(this, jitter, time);
}

/// <summary>The waits between the attempts of one call or delivery.</summary>
internal sealed class RetrySchedule(RetryPolicy policy, Func<double> jitter, TimeProvider time)
{
    private const double Growth = 1.5;
    private const double Spread = 0.5;
    private static readonly TimeSpan FirstInterval = TimeSpan.FromMilliseconds(500);

    // Limit of the exponential policy, independent of maxRetries: https://github.com/dapr/kit/blob/14ae3a4f4fb6a75f1d0ccbcf9d6983328f16ea2d/retry/retry.go
    private static readonly TimeSpan MaxSeries = TimeSpan.FromMinutes(15);
    private readonly DateTimeOffset _start = time.GetUtcNow();
    private TimeSpan _interval = FirstInterval < policy.MaxInterval ? FirstInterval : policy.MaxInterval;
    private int _retries;

    /// <summary>Returns the wait before the next attempt; null if there is no further attempt.</summary>
    public TimeSpan? Next(Exception error)
    {
        if (IsPermanent(error) || (policy.MaxRetries >= 0 && _retries >= policy.MaxRetries))
        {
            return null;
        }

        _retries++;
        return policy.IsExponential ? Grow() : policy.Duration;
    }

    private TimeSpan? Grow()
    {
        var wait = _interval * (1 - Spread + (2 * Spread * jitter()));
        var next = _interval * Growth;
        _interval = next < policy.MaxInterval ? next : policy.MaxInterval;
        return time.GetUtcNow() - _start + wait > MaxSeries ? null : wait;
    }

    private bool IsPermanent(Exception error) => error switch
    {
        BreakerOpenException or PermanentFailureException => true,
        DaprException dapr => dapr.Error.IsPermanent,
        HttpRequestException { StatusCode: { } status } => policy.Statuses?.Includes((int)status) == false,
        _ => false,
    };
}
