namespace MLEvents.Events.Tests;

public sealed class TimeRangeAttributeTests
{
    private static readonly TimeRangeAttribute Range = new("00:00:01", "1.00:00:00");

    [Theory]
    [InlineData("00:00:01", true)]
    [InlineData("1.00:00:00", true)]
    [InlineData("00:00:00.9999999", false)]
    [InlineData("1.00:00:00.0000001", false)]
    [InlineData("-00:00:02", false)]
    public void A_time_from_the_minimum_to_the_maximum_is_valid(string time, bool isValid) =>
        Assert.Equal(isValid, Range.IsValid(TimeSpan.Parse(time, System.Globalization.CultureInfo.InvariantCulture)));

    [Fact]
    public void The_error_contains_the_setting_and_both_limits() =>
        Assert.Equal("The field Ingress.RetryAfter must be between 00:00:01 and 1.00:00:00.", Range.FormatErrorMessage("Ingress.RetryAfter"));
}
