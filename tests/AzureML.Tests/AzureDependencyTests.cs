using Microsoft.Extensions.Logging.Abstractions;

using MLEvents.AzureML.Errors;
using MLEvents.AzureML.Resilience;
using MLEvents.Tests.Common;

using Polly;

namespace MLEvents.AzureML.Tests;

public sealed class AzureDependencyTests
{
    private readonly ObservedTime _time = new();
    private int _attempts;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_call_that_fails_asynchronously_is_repeated_as_often_as_the_settings_allow()
    {
        var azure = Create(new() { MaxRetries = 3, BaseDelay = TimeSpan.FromMilliseconds(1) }, TimeProvider.System);

        await Assert.ThrowsAsync<AzureException>(() => azure.CallAsync("Op", _ => FailAsync(Failure(500)), Token));

        Assert.Equal(4, _attempts);
    }

    [Fact]
    public async Task A_wait_longer_than_the_total_timeout_is_returned_to_the_caller()
    {
        var azure = Create(new());

        var error = await Assert.ThrowsAsync<AzureException>(() => azure.CallAsync("Op", _ => FailAsync(Failure(429, 61)), Token));

        Assert.Equal(TimeSpan.FromSeconds(61), error.RetryAfter);
        Assert.Equal(1, _attempts);
    }

    [Fact]
    public async Task An_attempt_that_takes_too_long_is_cancelled()
    {
        var azure = Create(new());
        var cancelled = new TaskCompletionSource();

        // The attempt runs synchronously up to its wait, so the wait has begun when the call returns.
        var call = azure.CallAsync("Op", Repeat.WhenNotDone, token => HangAsync(cancelled, token), Token);
        _time.Advance(TimeSpan.FromSeconds(19.9));
        Assert.False(call.IsCompleted);
        _time.Advance(TimeSpan.FromSeconds(0.1));

        var error = await Assert.ThrowsAsync<AzureException>(() => call);
        Assert.Equal((AzureException.TimeoutCode, true), (error.Code, error.IsTransient));
        await cancelled.Task.WaitAsync(TimeSpan.FromSeconds(10), Token);
        Assert.Equal(1, _attempts);
    }

    [Fact]
    public async Task An_attempt_that_took_too_long_is_repeated_with_Repeat_WhenTransient()
    {
        var azure = Create(new() { MaxRetries = 1, AttemptTimeout = TimeSpan.FromMilliseconds(100), BaseDelay = TimeSpan.FromMilliseconds(1) }, TimeProvider.System);
        var cancelled = new TaskCompletionSource();

        var answer = await azure.CallAsync("Op", token => _attempts == 0 ? HangAsync(cancelled, token) : Task.FromResult(42), Token);

        Assert.Equal(42, answer);
    }

    [Fact]
    public async Task Too_many_failures_open_the_circuit_until_the_break_is_over_and_a_call_succeeds()
    {
        var limits = new AzureResilienceOptions { MinimumThroughput = 2 };
        var azure = Create(limits);
        await Assert.ThrowsAsync<AzureException>(() => azure.CallAsync("Op", Repeat.WhenNotDone, _ => FailAsync(Failure(500)), Token));
        await Assert.ThrowsAsync<AzureException>(() => azure.CallAsync("Op", Repeat.WhenNotDone, _ => FailAsync(Failure(0)), Token));

        var open = await Assert.ThrowsAsync<AzureException>(() => azure.CallAsync("Op", _ => FailAsync(Failure(500)), Token));
        _time.Advance(limits.BreakDuration);
        var closed = await azure.CallAsync("Op", _ => Task.FromResult(1), Token);
        var next = await azure.CallAsync("Op", _ => Task.FromResult(2), Token);

        Assert.Equal((AzureException.CircuitOpenCode, true, limits.BreakDuration), (open.Code, open.IsTransient, open.RetryAfter));
        Assert.Equal((2, 1, 2), (_attempts, closed, next));
    }

    [Theory]
    [InlineData(400)]
    [InlineData(404)]
    [InlineData(409)]
    [InlineData(429)]
    public async Task Answers_of_a_healthy_service_do_not_open_the_circuit(int status)
    {
        var azure = Create(new() { MinimumThroughput = 2 });

        for (var call = 0; call < 5; call++)
        {
            var error = await Assert.ThrowsAsync<AzureException>(() => azure.CallAsync("Op", Repeat.WhenNotDone, _ => FailAsync(Failure(status, 3600)), Token));
            Assert.Equal(status, error.Status);
        }
    }

    [Fact]
    public async Task More_calls_than_allowed_fail_at_once()
    {
        var azure = Create(new() { MaxConcurrentCalls = 1, MaxQueuedCalls = 0 });
        var gate = new TaskCompletionSource<int>();
        var first = azure.CallAsync("Op", _ => gate.Task, Token);

        var error = await Assert.ThrowsAsync<AzureException>(() => azure.CallAsync("Op", _ => Task.FromResult(1), Token));
        gate.SetResult(1);

        Assert.Equal((AzureException.TooManyCallsCode, true), (error.Code, error.IsTransient));
        Assert.Equal(1, await first);
    }

    [Fact]
    public async Task A_caller_that_cancels_gets_the_cancellation_exception()
    {
        var azure = Create(new());
        using var cancellation = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var call = azure.CallAsync("Op", token => HangAsync(new(), token), cancellation.Token);

        await cancellation.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
    }

    [Theory]
    [InlineData(429, null, true, true)]
    [InlineData(503, 5, true, true)]
    [InlineData(503, null, true, false)]
    [InlineData(500, 5, true, false)]
    [InlineData(0, null, true, false)]
    [InlineData(404, null, false, false)]
    [InlineData(429, 61, false, false)]
    public void The_kind_of_repetition_decides_which_failures_are_repeated(int status, int? wait, bool whenTransient, bool whenNotDone)
    {
        var failure = Failure(status, wait);

        Assert.Equal(whenTransient, AzureResilience.IsRepeated(failure, Repeat.WhenTransient, TimeSpan.FromSeconds(60)));
        Assert.Equal(whenNotDone, AzureResilience.IsRepeated(failure, Repeat.WhenNotDone, TimeSpan.FromSeconds(60)));
    }

    private static AzureException Failure(int status, int? retryAfter = null) => new($"status {status}")
    {
        Status = status,
        IsTransient = AzureErrors.IsTransient(status, "", ""),
        RetryAfter = retryAfter is { } seconds ? TimeSpan.FromSeconds(seconds) : null,
    };

    private AzureDependency Create(AzureResilienceOptions limits, TimeProvider? time = null)
    {
        var builder = new ResiliencePipelineBuilder();
        AzureResilience.Configure(builder, limits, new(), time ?? _time);
        return new AzureDependency(builder.Build(), time ?? _time, NullLogger<AzureDependency>.Instance);
    }

    private async Task<int> FailAsync(Exception failure)
    {
        await Task.Yield();
        Interlocked.Increment(ref _attempts);
        throw failure;
    }

    private async Task<int> HangAsync(TaskCompletionSource cancelled, CancellationToken token)
    {
        Interlocked.Increment(ref _attempts);
        try
        {
            await Never.CompletesAsync(token);
        }
        finally
        {
            cancelled.TrySetResult();
        }

        return 0;
    }
}
