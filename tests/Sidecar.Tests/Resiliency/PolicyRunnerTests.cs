using System.Net;

using MLEvents.Local.Sidecar.Errors;
using MLEvents.Local.Sidecar.Resiliency;

namespace MLEvents.Local.Sidecar.Tests.Resiliency;

public sealed class PolicyRunnerTests
{
    private static readonly RetryPolicy Constant = new(IsExponential: false, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(60), MaxRetries: 3, Statuses: null);
    private readonly ObservedTime _time = new();
    private readonly List<TimeSpan> _attempts = [];
    private readonly DateTimeOffset _start;

    public PolicyRunnerTests() => _start = _time.Start;

    [Fact]
    public async Task Constant_retries_run_at_equal_intervals_and_the_last_error_is_thrown()
    {
        var run = Run(new PolicySet(null, Constant, null), _ => throw new HttpRequestException("no"));

        await PassAsync(1, 1, 1);

        await Assert.ThrowsAsync<HttpRequestException>(() => run);
        Assert.Equal([0, 1, 2, 3], _attempts.Select(at => at.TotalSeconds));
    }

    [Theory]
    [InlineData(0.0, new[] { 250.0, 375, 562.5, 843.75, 1000, 1000 })]
    [InlineData(0.5, new[] { 500.0, 750, 1125, 1687.5, 2000, 2000 })]
    [InlineData(1.0, new[] { 750.0, 1125, 1687.5, 2531.25, 3000, 3000 })]
    public void Exponential_waits_grow_by_half_up_to_the_limit_and_jitter_changes_them_by_up_to_half(double jitter, double[] expected)
    {
        var policy = Constant with { IsExponential = true, MaxInterval = TimeSpan.FromSeconds(2), MaxRetries = 6 };
        var schedule = policy.Start(() => jitter, _time);

        var waits = Enumerable.Range(0, 7).Select(_ => schedule.Next(new TimeoutException())?.TotalMilliseconds).ToList();

        Assert.Equal([.. expected.Cast<double?>(), null], waits);
    }

    [Theory]
    [InlineData(HttpStatusCode.InternalServerError, true)]
    [InlineData(HttpStatusCode.TooManyRequests, true)]
    [InlineData(HttpStatusCode.BadGateway, false)]
    [InlineData(null, true)]
    public void Only_matching_statuses_and_failures_without_a_status_are_retried(HttpStatusCode? status, bool retried)
    {
        var schedule = (Constant with { Statuses = StatusMatch.TryParse("500,429-430") }).Start(() => 0, _time);

        Assert.Equal(retried, schedule.Next(new HttpRequestException("no", null, status)) is not null);
    }

    [Fact]
    public void Permanent_errors_and_an_open_breaker_are_never_retried()
    {
        var permanent = DaprErrors.DirectInvoke with { IsPermanent = true };

        Assert.Null(Constant.Start(() => 0, _time).Next(permanent.AsException()));
        Assert.Null(Constant.Start(() => 0, _time).Next(new BreakerOpenException()));
        Assert.NotNull(Constant.Start(() => 0, _time).Next(DaprErrors.DirectInvoke.AsException()));
    }

    [Fact]
    public async Task A_timeout_ends_each_attempt_and_is_retried()
    {
        var run = Run(new PolicySet(TimeSpan.FromSeconds(2), Constant with { MaxRetries = 1 }, null), Never.CompletesAsync);

        await PassAsync(2, 1, 2);

        await Assert.ThrowsAsync<TimeoutException>(() => run);
        Assert.Equal([0, 3], _attempts.Select(at => at.TotalSeconds));
    }

    [Fact]
    public async Task Stopping_ends_the_wait_for_a_retry()
    {
        using var stop = new CancellationTokenSource();
        var runner = new PolicyRunner(new PolicySet(null, Constant, null), _time, () => 0);
        var run = runner.RunAsync<bool>(_ => throw new HttpRequestException("no"), new PolicyContext(null, stop.Token, CancellationToken.None));

        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run);
    }

    [Fact]
    public async Task An_open_breaker_ends_a_running_series_of_retries()
    {
        var breaker = Breaker("consecutiveFailures >= 2");
        var run = Run(new PolicySet(null, Constant with { MaxRetries = 10 }, breaker), _ => throw new HttpRequestException("no"));

        await PassAsync(1, 1);

        await Assert.ThrowsAsync<BreakerOpenException>(() => run);
        Assert.Equal([0, 1], _attempts.Select(at => at.TotalSeconds));
    }

    [Fact]
    public void A_breaker_half_opens_after_its_timeout_and_closes_on_success()
    {
        var breaker = Breaker("totalFailures > 0");
        breaker.Leave(breaker.Enter(), succeeded: false);

        Assert.Throws<BreakerOpenException>(() => breaker.Enter());
        _time.Advance(TimeSpan.FromSeconds(5));
        var attempt = breaker.Enter();
        Assert.Throws<BreakerOpenException>(() => breaker.Enter());
        breaker.Leave(attempt, succeeded: true);
        breaker.Enter();
    }

    [Fact]
    public void A_failure_while_half_open_opens_the_breaker_again()
    {
        var breaker = Breaker("totalFailures > 0");
        breaker.Leave(breaker.Enter(), succeeded: false);
        _time.Advance(TimeSpan.FromSeconds(5));

        breaker.Leave(breaker.Enter(), succeeded: false);

        Assert.Throws<BreakerOpenException>(() => breaker.Enter());
    }

    [Fact]
    public void The_counts_of_a_closed_breaker_are_reset_after_its_interval()
    {
        var breaker = new CircuitBreaker(Settings("totalFailures >= 2") with { Interval = TimeSpan.FromSeconds(1) }, _time);
        Fail(breaker);
        _time.Advance(TimeSpan.FromSeconds(1));

        Fail(breaker);
        Fail(breaker);

        Assert.Throws<BreakerOpenException>(() => breaker.Enter());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void The_result_of_a_call_that_began_before_the_breaker_opened_does_not_count(bool succeeded)
    {
        var breaker = Breaker("totalFailures > 0");
        var late = breaker.Enter();
        Fail(breaker);
        _time.Advance(TimeSpan.FromSeconds(5));
        var attempt = breaker.Enter();

        breaker.Leave(late, succeeded);

        Assert.Throws<BreakerOpenException>(() => breaker.Enter());
        breaker.Leave(attempt, succeeded: true);
        breaker.Enter();
    }

    private static void Fail(CircuitBreaker breaker) => breaker.Leave(breaker.Enter(), succeeded: false);

    private static BreakerSettings Settings(string trip) =>
        new(TripCondition.TryParse(trip) ?? throw new FormatException(trip), MaxRequests: 1, Interval: TimeSpan.Zero, Timeout: TimeSpan.FromSeconds(5));

    private CircuitBreaker Breaker(string trip) => new(Settings(trip), _time);

    private Task<bool> Run(PolicySet policies, Func<CancellationToken, Task> action) => new PolicyRunner(policies, _time, () => 0.5).RunAsync(
        async token =>
        {
            _attempts.Add(_time.GetUtcNow() - _start);
            await action(token);
            return true;
        },
        TestContext.Current.CancellationToken);

    // For each wait of the runner: blocks until the wait has begun, and then advances the clock by its length.
    private async Task PassAsync(params IReadOnlyList<int> waits)
    {
        foreach (var wait in waits)
        {
            var end = _time.GetUtcNow() - _start + TimeSpan.FromSeconds(wait);
            await _time.WaitUntilAsync(end, TestContext.Current.CancellationToken);
            _time.Advance(TimeSpan.FromSeconds(wait));
        }
    }
}
