using MLEvents.AzureML.DataFactory;

namespace MLEvents.AzureML.Tests;

public sealed class DataFactoryLinksTests
{
    private static readonly Uri Portal = new("https://adf.azure.com/");

    [Fact]
    public void The_link_to_a_run_is_the_same_for_the_id_of_its_factory_and_the_id_of_its_pipeline()
    {
        var expected = $"https://adf.azure.com/monitoring/pipelineruns/r1?factory={AzureClient.Factory}";

        Assert.Equal(expected, DataFactoryLinks.Run(Portal, AzureClient.Factory, "r1").AbsoluteUri);
        Assert.Equal(expected, DataFactoryLinks.Run(Portal, AzureClient.Pipeline, "r1").AbsoluteUri);
    }
}
