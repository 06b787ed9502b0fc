namespace MLEvents.Deployer.Tests;

public sealed class DeployerOptionsTests
{
    [Fact]
    public void The_defaults_are_valid_and_every_setting_out_of_its_range_is_named()
    {
        var wrong = new DeployerOptions { PollInterval = TimeSpan.Zero, LongestRollout = TimeSpan.FromDays(30), LogLines = 0 };

        var result = new DeployerOptionsValidator().Validate(null, wrong);

        Assert.True(new DeployerOptionsValidator().Validate(null, new DeployerOptions()).Succeeded);
        Assert.All(["PollInterval", "LongestRollout", "LogLines"], name => Assert.Contains(name, result.FailureMessage, StringComparison.Ordinal));
    }
}
