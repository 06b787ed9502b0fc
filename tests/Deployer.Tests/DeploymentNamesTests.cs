using MLEvents.Rules.Plans;

namespace MLEvents.Deployer.Tests;

public sealed class DeploymentNamesTests
{
    [Theory]
    [InlineData("3", "m3-0123abcd")]
    [InlineData("2024.01_RC", "m2024-01-rc-0123abcd")]
    [InlineData("../x", "mx-0123abcd")]
    [InlineData("ü", "m-0123abcd")]
    [InlineData("1234567890123456789012345", "m1234567890123456789012-0123abcd")]
    public void The_name_of_a_deployment_contains_the_version_and_is_valid_in_azure(string version, string expected)
    {
        var name = DeploymentNames.Create(version, "0123abcd0123abcd0123");

        Assert.Equal(expected, name);
        Assert.True(RolloutTarget.IsEndpointName(name));
    }

    [Theory]
    [InlineData("abc", true)]
    [InlineData("a-c", true)]
    [InlineData("ab", false)]
    [InlineData("1abc", false)]
    [InlineData("abc-", false)]
    [InlineData("a_c", false)]
    [InlineData("abc\n", false)]
    [InlineData("a23456789012345678901234567890ab", true)]
    [InlineData("a23456789012345678901234567890abc", false)]
    public void The_name_of_an_endpoint_is_checked_as_azure_checks_it(string name, bool fits)
    {
        Assert.Equal(fits, RolloutTarget.IsEndpointName(name));
    }
}
