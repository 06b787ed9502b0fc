using MLEvents.Notifier.Throttling;

namespace MLEvents.Notifier.Tests.Throttling;

public sealed class ThrottlePeriodTests
{
    // A period of a week begins on Monday. 1 November 2026 is a Sunday.
    [Theory]
    [InlineData("2026-11-01T18:10:59Z", 60, "2026-11-01 18:00–19:00 UTC")]
    [InlineData("2026-11-01T18:00:00Z", 60, "2026-11-01 18:00–19:00 UTC")]
    [InlineData("2026-11-01T17:59:59.9999999Z", 60, "2026-11-01 17:00–18:00 UTC")]
    [InlineData("2026-11-01T23:10:00+05:00", 60, "2026-11-01 18:00–19:00 UTC")]
    [InlineData("2026-11-01T18:10:00Z", 1, "2026-11-01 18:10–18:11 UTC")]
    [InlineData("2026-11-01T18:10:00Z", 1440, "2026-11-01 00:00–2026-11-02 00:00 UTC")]
    [InlineData("2026-11-01T18:10:00Z", 10_080, "2026-10-26 00:00–2026-11-02 00:00 UTC")]
    public void The_period_depends_only_on_the_time_and_the_length(string now, int minutes, string period) =>
        Assert.Equal(period, ThrottlePeriod.At(DateTimeOffset.Parse(now, null), TimeSpan.FromMinutes(minutes)).ToString());

    [Fact]
    public void Periods_follow_each_other_without_a_gap()
    {
        var period = ThrottlePeriod.At(new(2026, 11, 1, 18, 10, 0, TimeSpan.Zero), TimeSpan.FromMinutes(90));

        Assert.Equal(period.Next, ThrottlePeriod.At(period.End, period.Length));
        Assert.Equal(period, ThrottlePeriod.At(period.End.AddTicks(-1), period.Length));
    }

    [Fact]
    public void Different_rules_keys_and_periods_have_different_keys_in_the_store()
    {
        var period = ThrottlePeriod.At(new(2026, 11, 1, 18, 10, 0, TimeSpan.Zero), TimeSpan.FromHours(1));
        ThrottleKey[] keys =
        [
            new("r", "k", period), new("r", "k", period.Next), new("r", "k", period with { Length = TimeSpan.FromHours(2) }), new("r", "", period), new("r", "k\nk", period), new("s", "k", period),
        ];

        Assert.Equal(keys.Length, keys.Select(key => key.StoreKey).Distinct().Count());
        Assert.Equal(5, keys.Select(key => key.Digest).Distinct().Count());
        Assert.All(keys, key => Assert.Matches("^throttle-[0-9a-f]{40}$", key.StoreKey));
    }
}
