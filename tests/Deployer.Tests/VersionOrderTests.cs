using MLEvents.Deployer.Queueing;

namespace MLEvents.Deployer.Tests;

public sealed class VersionOrderTests
{
    [Theory]
    [InlineData("10", "9", 1)]
    [InlineData("1.10.0", "1.9.0", 1)]
    [InlineData("1.9.0", "1.10.0", -1)]
    [InlineData("1.2", "1.2.0", 0)]
    [InlineData("1.2", "1.2.1", -1)]
    [InlineData("v2", "1", 1)]
    [InlineData("2026-11-28", "2026-02-01", 1)]
    [InlineData("2026_11_28", "2026-11-28", 0)]
    [InlineData("20261128.2", "20261128.10", -1)]
    [InlineData("010", "9", 1)]
    [InlineData("99999999999999999999", "99999999999999999998", 1)]
    public void Numbers_are_compared_part_by_part(string one, string other, int expected) =>
        Assert.Equal(expected, Math.Sign(VersionOrder.Compare(one, other) ?? int.MinValue));

    [Theory]
    [InlineData("1.0.0-rc1", "1.0.0")]
    [InlineData("1", "final")]
    [InlineData("", "1")]
    [InlineData("1..2", "1")]
    [InlineData("-1", "1")]
    [InlineData("+1", "1")]
    [InlineData(" 1", "1")]
    public void Versions_that_are_not_numbers_have_no_order(string one, string other)
    {
        Assert.Null(VersionOrder.Compare(one, other));
        Assert.Null(VersionOrder.Compare(other, one));
    }
}
