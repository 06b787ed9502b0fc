using MLEvents.AzureML.DataFactory;

namespace MLEvents.AzureML.Tests;

public sealed class DataFactoryLinksTests
{
    private static readonly Uri Portal = new("https://adf.azure.com/");

    [Fact]
    public void A_run_has_a_page_whether_factory_or_pipeline_is_given()
    {
        var expected = $"https://adf.azure.com/monitoring/pipelineruns/r1?factory={AzureClient.Factory}";

        Assert.Equal(expected, DataFactoryLinks.Run(Portal, AzureClient.Factory, "r1").AbsoluteUri);
        Assert.Equal(expected, DataFactoryLinks.Run(Portal, AzureClient.Pipeline, "r1").AbsoluteUri);
    }
}
