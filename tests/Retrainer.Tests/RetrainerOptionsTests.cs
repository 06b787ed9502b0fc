namespace MLEvents.Retrainer.Tests;

public sealed class RetrainerOptionsTests
{
    [Fact]
    public void The_defaults_are_valid()
    {
        Assert.True(new RetrainerOptionsValidator().Validate(null, new RetrainerOptions()).Succeeded);
    }

    [Fact]
    public void Every_setting_out_of_its_range_is_named()
    {
        var options = new RetrainerOptions { PollInterval = TimeSpan.Zero, RunListingDelay = TimeSpan.FromHours(1), LongestRun = TimeSpan.FromDays(365), MonitorJobWait = TimeSpan.FromMinutes(1) };

        var result = new RetrainerOptionsValidator().Validate(null, options);

        Assert.Equal(4, result.Failures?.Count());
        Assert.All(["PollInterval", "RunListingDelay", "LongestRun", "MonitorJobWait"], name => Assert.Contains(name, result.FailureMessage, StringComparison.Ordinal));
    }
}
