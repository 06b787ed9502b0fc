namespace MLEvents.AzureML.Tests;

public sealed class StudioLinksTests
{
    private const string Group = "/subscriptions/00000000-1111-2222-3333-444444444444";

    [Fact]
    public void A_run_has_a_page() => Assert.Equal(
        $"https://ml.azure.com/runs/retrain-1?wsid={Group}/resourcegroups/test-rg/workspaces/ws",
        StudioLinks.Run(AzureClient.Workspace, "retrain-1").AbsoluteUri);

    [Fact]
    public void A_model_version_has_a_page_in_the_cloud_that_is_asked_for() => Assert.Equal(
        $"https://ml.azure.us/model/churn:3/details?wsid={Group}/resourcegroups/test-rg/workspaces/ws",
        StudioLinks.Model(AzureClient.Workspace, "churn", "3", new Uri("https://ml.azure.us/")).AbsoluteUri);

    [Fact]
    public void An_endpoint_has_a_page() => Assert.Equal(
        $"https://ml.azure.com/endpoints/realtime/churn/detail?wsid={AzureClient.Workspace}",
        StudioLinks.OnlineEndpoint(AzureClient.Workspace, "churn").AbsoluteUri);

    [Fact]
    public void A_Data_Factory_run_has_a_page_whether_factory_or_pipeline_is_given()
    {
        var expected = $"https://adf.azure.com/monitoring/pipelineruns/r1?factory={AzureClient.Factory}";

        Assert.Equal(expected, StudioLinks.DataFactoryRun(AzureClient.Factory, "r1").AbsoluteUri);
        Assert.Equal(expected, StudioLinks.DataFactoryRun(AzureClient.Pipeline, "r1").AbsoluteUri);
    }

    [Fact]
    public void A_name_cannot_break_out_of_its_place() => Assert.Equal(
        $"https://ml.azure.com/runs/a%2Fb%3Fwsid%3Dx%26y%23z?wsid={Group}/resourcegroups/test-rg/workspaces/ws",
        StudioLinks.Run(AzureClient.Workspace, "a/b?wsid=x&y#z").AbsoluteUri);
}
