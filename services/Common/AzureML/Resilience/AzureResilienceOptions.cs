using System.ComponentModel.DataAnnotations;

using MLEvents.Events;

namespace MLEvents.AzureML.Resilience;

/// <summary>The limits of calls to one dependency, from the outermost to the innermost: concurrency, total timeout, retries, circuit breaker, timeout of one attempt.</summary>
public sealed class AzureResilienceOptions
{
    /// <summary>The number of concurrent calls, 1 to 1000. Default 16.</summary>
    [Range(1, 1000)]
    public int MaxConcurrentCalls { get; set; } = 16;

    /// <summary>The number of calls that may wait for a free place, 0 to 10000. Further calls fail at once. Default 256.</summary>
    [Range(0, 10000)]
    public int MaxQueuedCalls { get; set; } = 256;

    /// <summary>
    /// The timeout of a call with all its attempts and the waits between them, 1 s to 10 min. Default 60 s. The wait for a free place does not count.
    /// </summary>
    [TimeRange("00:00:01", "00:10:00")]
    public TimeSpan TotalTimeout { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>The timeout of one attempt, 0.1 s to 5 min, at most <see cref="TotalTimeout"/>. Default 20 s.</summary>
    [TimeRange("00:00:00.1", "00:05:00")]
    public TimeSpan AttemptTimeout { get; set; } = TimeSpan.FromSeconds(20);

    /// <summary>The number of retries after the first attempt, 1 to 10. Default 4.</summary>
    [Range(1, 10)]
    public int MaxRetries { get; set; } = 4;

    /// <summary>The wait before the first retry, 1 ms to 1 min. It doubles with each retry and has jitter. Azure's Retry-After takes precedence. Default 1 s.</summary>
    [TimeRange("00:00:00.001", "00:01:00")]
    public TimeSpan BaseDelay { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>The longest wait between attempts if Azure sends no Retry-After, 1 ms to 10 min, at least <see cref="BaseDelay"/>. Default 15 s.</summary>
    [TimeRange("00:00:00.001", "00:10:00")]
    public TimeSpan MaxDelay { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>The share of failed attempts that opens the circuit, 0.01 to 1. Default 0.5.</summary>
    [Range(0.01, 1.0)]
    public double FailureRatio { get; set; } = 0.5;

    /// <summary>The smallest number of attempts within <see cref="SamplingDuration"/> that can open the circuit, 2 to 10000. Default 10.</summary>
    [Range(2, 10000)]
    public int MinimumThroughput { get; set; } = 10;

    /// <summary>The time over which attempts are counted, 0.5 s to 10 min. Default 30 s.</summary>
    [TimeRange("00:00:00.5", "00:10:00")]
    public TimeSpan SamplingDuration { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long an open circuit rejects all calls, 0.5 s to 10 min. Default 15 s.</summary>
    [TimeRange("00:00:00.5", "00:10:00")]
    public TimeSpan BreakDuration { get; set; } = TimeSpan.FromSeconds(15);
}
