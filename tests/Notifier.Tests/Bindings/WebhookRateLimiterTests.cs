using Microsoft.Extensions.Time.Testing;

using MLEvents.Notifier.Bindings;

namespace MLEvents.Notifier.Tests.Bindings;

/// <summary>The rate of calls, and the pauses that a target asks for.</summary>
public sealed class WebhookRateLimiterTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);
    private readonly FakeTimeProvider _time = new();
    private readonly WebhookRateLimiter _limiter;

    public WebhookRateLimiterTests() => _limiter = new(_time);

    [Fact]
    public void The_limiter_allows_a_short_burst_and_then_one_call_in_each_interval()
    {
        var burst = Enumerable.Range(0, 5).Select(_ => _limiter.FindWait("slack", Second)).ToList();
        var sixth = _limiter.FindWait("slack", Second);
        var other = _limiter.FindWait("other", Second);
        _time.Advance(Second);

        Assert.All(burst, wait => Assert.Null(wait));
        Assert.Equal(Second, sixth);
        Assert.Null(other);
        Assert.Null(_limiter.FindWait("slack", Second));
        Assert.NotNull(_limiter.FindWait("slack", Second));
    }

    [Fact]
    public void Calls_that_wait_ask_again_at_different_times()
    {
        for (var call = 0; call < 5; call++)
        {
            _limiter.FindWait("slack", Second);
        }

        var waits = Enumerable.Range(0, 10).Select(_ => _limiter.FindWait("slack", Second)).ToList();

        Assert.Equal(10, waits.Distinct().Count());
        Assert.All(waits, wait => Assert.InRange(wait ?? TimeSpan.Zero, Second, 11 * Second));
    }

    [Fact]
    public void A_call_that_must_wait_several_times_does_not_lengthen_its_own_waits()
    {
        var pause = TimeSpan.FromSeconds(10);

        for (var attempt = 0; attempt < 10; attempt++)
        {
            _limiter.Pause("slack", pause);
            Assert.Equal(pause, _limiter.FindWait("slack", Second));
            _time.Advance(pause);
        }
    }

    [Fact]
    public void Waiting_calls_that_are_not_repeated_do_not_lengthen_later_waits()
    {
        _limiter.Pause("slack", TimeSpan.FromSeconds(10));
        var waits = Enumerable.Range(0, 100).Select(_ => _limiter.FindWait("slack", Second)).ToList();
        _time.Advance(TimeSpan.FromSeconds(110));
        _limiter.Pause("slack", TimeSpan.FromSeconds(10));

        Assert.Equal(TimeSpan.FromSeconds(109), waits[^1]);
        Assert.Equal(TimeSpan.FromSeconds(10), _limiter.FindWait("slack", Second));
    }

    [Fact]
    public void A_binding_without_a_rate_waits_only_if_its_target_asks_for_a_pause()
    {
        var before = Enumerable.Range(0, 100).Select(_ => _limiter.FindWait("hook", TimeSpan.Zero)).ToList();
        _limiter.Pause("hook", TimeSpan.FromSeconds(30));
        var during = _limiter.FindWait("hook", TimeSpan.Zero);
        _time.Advance(TimeSpan.FromSeconds(30));

        Assert.All(before, wait => Assert.Null(wait));
        Assert.Equal(TimeSpan.FromSeconds(30), during);
        Assert.Null(_limiter.FindWait("hook", TimeSpan.Zero));
    }

    [Fact]
    public void A_target_cannot_stop_the_calls_for_longer_than_an_hour()
    {
        _limiter.Pause("hook", TimeSpan.FromDays(3650));

        Assert.Equal(TimeSpan.FromHours(1), _limiter.FindWait("hook", TimeSpan.Zero));
    }
}
