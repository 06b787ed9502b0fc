using MLEvents.AzureML.Connection;

namespace MLEvents.AzureML.Tests;

public sealed class ArmPathTests
{
    private static readonly Uri Endpoint = new("https://management.azure.com/");

    [Theory]
    [InlineData("https://management.azure.com/subscriptions/s/x?$skipToken=1", "/subscriptions/s/x?$skipToken=1")]
    [InlineData("https://MANAGEMENT.azure.com:443/providers/x", "/providers/x")]
    [InlineData("/subscriptions/s/x", "/subscriptions/s/x")]
    public void A_link_to_the_endpoint_is_followed(string link, string expected) => Assert.Equal(expected, ArmPath.FromLink(link, Endpoint)?.ToString());

    [Theory]
    [InlineData("https://management.azure.com//evil/x")]
    [InlineData("//evil/subscriptions/x")]
    [InlineData(@"/\evil/subscriptions/x")]
    [InlineData(@"\\evil\subscriptions\x")]
    [InlineData("https://evil/subscriptions/x")]
    [InlineData("https://management.azure.com.evil/subscriptions/x")]
    [InlineData("https://user@management.azure.com/subscriptions/x")]
    [InlineData("https://management.azure.com:8443/subscriptions/x")]
    [InlineData("http://management.azure.com/subscriptions/x")]
    [InlineData("https://management.azure.com/subscriptions/../evil")]
    [InlineData("https://management.azure.com/evil")]
    [InlineData("/subscriptions/x\r\nHost: evil")]
    [InlineData("file:///subscriptions/x")]
    public void A_link_that_leaves_the_endpoint_is_not_followed(string link) => Assert.Null(ArmPath.FromLink(link, Endpoint));
}
