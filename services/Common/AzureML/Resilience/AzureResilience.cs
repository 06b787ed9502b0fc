using Microsoft.Extensions.Logging.Abstractions;

using MLEvents.AzureML.Errors;

using Polly;
using Polly.CircuitBreaker;
using Polly.Retry;
using Polly.Telemetry;
using Polly.Timeout;

namespace MLEvents.AzureML.Resilience;

/// <summary>Builds the resilience pipeline of one dependency. It uses the injected clock.</summary>
internal static class AzureResilience
{
    public static readonly ResiliencePropertyKey<Repeat> Repeat = new("mlevents.azure.repeat");
    public static readonly ResiliencePropertyKey<AzureException?> LastFailure = new("mlevents.azure.last-failure");

    public static void Configure(
        ResiliencePipelineBuilder builder, AzureResilienceOptions options, CircuitBreakerStateProvider circuit, TimeProvider time)
    {
        builder.TimeProvider = time;
        builder
            .AddConcurrencyLimiter(options.MaxConcurrentCalls, options.MaxQueuedCalls)
            .AddTimeout(options.TotalTimeout)
            .AddRetry(Retry(options))
            .AddCircuitBreaker(CircuitBreaker(options, circuit))
            .AddTimeout(options.AttemptTimeout)
            .ConfigureTelemetry(Telemetry());
    }

    /// <summary>Whether a failed attempt is repeated.</summary>
    public static bool IsRepeated(Exception? failure, Repeat repeat, TimeSpan longestWait) => failure switch
    {
        // An attempt before the end of the wait would be refused, and a later attempt would exceed the total timeout. The ledger repeats the step later.
        AzureException { RetryAfter: { } wait } when wait > longestWait => false,
        AzureException { Status: 429 } or AzureException { Status: 503, RetryAfter: not null } => true,
        AzureException error => error.IsTransient && repeat == Resilience.Repeat.WhenTransient,
        TimeoutRejectedException => repeat == Resilience.Repeat.WhenTransient,
        _ => false,
    };

    private static RetryStrategyOptions Retry(AzureResilienceOptions options) => new()
    {
        ShouldHandle = attempt => new(IsRepeated(attempt.Outcome.Exception, RepeatOf(attempt.Context), options.TotalTimeout)),
        DelayGenerator = attempt => new((attempt.Outcome.Exception as AzureException)?.RetryAfter),
        MaxRetryAttempts = options.MaxRetries,
        BackoffType = DelayBackoffType.Exponential,
        UseJitter = true,
        Delay = options.BaseDelay,
        MaxDelay = options.MaxDelay,
    };

    private static CircuitBreakerStrategyOptions CircuitBreaker(AzureResilienceOptions options, CircuitBreakerStateProvider circuit) => new()
    {
        StateProvider = circuit,
        ShouldHandle = attempt => new(IsOutage(attempt.Outcome.Exception)),
        FailureRatio = options.FailureRatio,
        MinimumThroughput = options.MinimumThroughput,
        SamplingDuration = options.SamplingDuration,
        BreakDuration = options.BreakDuration,
    };

    // An answer 429 or a busy resource is no outage, because it comes from a healthy service. If it opened the circuit, the calls for other resources would stop too.
    private static bool IsOutage(Exception? failure) => failure is TimeoutRejectedException or AzureException { IsTransient: true, Status: 0 or 408 or >= 500 };

    private static Repeat RepeatOf(ResilienceContext context) => context.Properties.GetValue(Repeat, Resilience.Repeat.WhenTransient);

    // Polly's log lines contain results and exceptions, with job inputs, container logs and Azure's error bodies. AzureDependency logs failures without them.
    private static TelemetryOptions Telemetry() => new() { LoggerFactory = NullLoggerFactory.Instance };
}
