using MLEvents.Deployer.Traffic;

namespace MLEvents.Deployer.Tests;

public sealed class TrafficSharesTests
{
    [Theory]
    [InlineData("", 100, "new=100")]
    [InlineData("", 20, "new=100")]
    [InlineData("a=0", 20, "a=0 new=100")]
    [InlineData("a=100", 100, "a=0 new=100")]
    [InlineData("a=100", 20, "a=80 new=20")]
    [InlineData("a=50 b=50", 25, "a=37 b=38 new=25")]
    [InlineData("a=33 b=33 c=34", 1, "a=32 b=33 c=34 new=1")]
    [InlineData("a=80 new=20", 20, "a=80 new=20")]
    [InlineData("new=100", 20, "new=100")]
    public void The_other_deployments_keep_their_proportions_and_the_sum_is_100(string now, int share, string expected)
    {
        var shares = TrafficShares.With(Read(now), "new", share);

        Assert.Equal(expected, string.Join(' ', shares.OrderBy(one => one.Key, StringComparer.Ordinal).Select(one => $"{one.Key}={one.Value}")));
        Assert.Equal(100, shares.Values.Sum());
    }

    private static Dictionary<string, int> Read(string shares) => shares
        .Split(' ', StringSplitOptions.RemoveEmptyEntries)
        .Select(share => share.Split('='))
        .ToDictionary(parts => parts[0], parts => int.Parse(parts[1], null));
}
