namespace MLEvents.Events.Tests;

public sealed class Rfc3339Tests
{
    [Theory]
    [InlineData("2026-03-04T05:06:07Z", "2026-03-04T05:06:07.0000000Z")]
    [InlineData("2026-03-04T05:06:07.1Z", "2026-03-04T05:06:07.1000000Z")]
    [InlineData("2026-03-04T05:06:07.1234567Z", "2026-03-04T05:06:07.1234567Z")]
    [InlineData("2026-03-04t05:06:07.123456789z", "2026-03-04T05:06:07.1234567Z")]
    [InlineData("2026-03-04T05:06:07.5+02:30", "2026-03-04T02:36:07.5000000Z")]
    [InlineData("2026-03-04T05:06:07-23:59", "2026-03-05T05:05:07.0000000Z")]
    [InlineData("2016-12-31T23:59:60Z", "2016-12-31T23:59:59.9999999Z")]
    [InlineData("2017-01-01T08:59:60+09:00", "2016-12-31T23:59:59.9999999Z")]
    public void A_time_is_read_in_UTC(string text, string expected)
    {
        Assert.True(Rfc3339.TryParse(text, out var time));

        Assert.Equal(expected, time.UtcDateTime.ToString("O", null));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("some invalid time")]
    [InlineData("2026-02-30T00:00:00Z")]
    [InlineData("2026-03-04T24:00:00Z")]
    [InlineData("2026-03-04T05:06:60Z")]
    [InlineData("2026-03-04T05:06:61Z")]
    [InlineData("2026-03-04T05:06:07")]
    [InlineData("2026-03-04 05:06:07Z")]
    [InlineData("2026-03-04T05:06:07Z\n")]
    [InlineData("2026-03-04T05:06:07.Z")]
    [InlineData("2026-03-04T05:06:7.12Z")]
    [InlineData("2026-02-30T00:00:00.1234567Z")]
    [InlineData("2026-03-04T05:06:07+24:00")]
    [InlineData("0001-01-01T00:00:00+01:00")]
    [InlineData("٢٠٢٦-03-04T05:06:07Z")]
    public void A_text_that_is_not_an_RFC_3339_time_is_refused(string? text) => Assert.False(Rfc3339.TryParse(text, out _));
}
