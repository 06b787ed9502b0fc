using MLEvents.Local.Simulator.EventGrid;
using MLEvents.Local.Simulator.Primitives;

namespace MLEvents.Local.Simulator.Tests;

public sealed class RetryScheduleTests
{
    [Theory]
    [InlineData(1, 500, 10)]
    [InlineData(2, 500, 30)]
    [InlineData(1, 503, 30)]
    [InlineData(1, 408, 120)]
    [InlineData(1, 404, 300)]
    [InlineData(4, 503, 300)]
    [InlineData(10, 500, 43_200)]
    [InlineData(29, 500, 43_200)]
    public void The_retry_delay_is_the_documented_step_and_at_least_the_minimum_of_the_status(int attempts, int status, int seconds) =>
        Assert.Equal(TimeSpan.FromSeconds(seconds), RetrySchedule.Pause(attempts, status));

    [Theory]
    [InlineData(200, true)]
    [InlineData(204, true)]
    [InlineData(205, false)]
    [InlineData(302, false)]
    [InlineData(0, false)]
    public void Only_200_to_204_are_successes(int status, bool success) => Assert.Equal(success, RetrySchedule.IsSuccess(status));

    [Theory]
    [InlineData("10s", 10_000)]
    [InlineData("500ms", 500)]
    [InlineData("1.5m", 90_000)]
    [InlineData("1h", 3_600_000)]
    [InlineData("00:00:02", 2_000)]
    public void Durations_are_parsed(string text, int milliseconds)
    {
        Assert.True(Durations.TryParse(text, out var duration));
        Assert.Equal(milliseconds, duration.TotalMilliseconds);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("soon")]
    [InlineData("-1s")]
    [InlineData("-00:00:01")]
    public void Invalid_durations_are_not_parsed(string? text) => Assert.False(Durations.TryParse(text, out _));
}
