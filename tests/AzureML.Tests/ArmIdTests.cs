using System.Text.Json.Nodes;

using Azure.Core;

using MLEvents.AzureML.Connection;

namespace MLEvents.AzureML.Tests;

public sealed class ArmIdTests
{
    private const string Group = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/ml-local";
    private const string Workspace = $"{Group}/providers/Microsoft.MachineLearningServices/workspaces/ml-local";

    [Theory]
    [InlineData(Workspace)]
    [InlineData($"{Workspace}/models/churn/versions/3")]
    [InlineData($"{Group}/providers/Microsoft.DataFactory/factories/adf-local/pipelines/retrain all (new)")]
    public void A_valid_id_is_not_changed(string id) => Assert.Equal(id, ArmId.Parse(id).ToString());

    [Theory]
    [InlineData(@$"{Workspace}\..\..\..\Microsoft.Compute\virtualMachines\vm1?api-version=2024-07-01&x=")]
    [InlineData($"{Workspace}/../../x#y")]
    [InlineData($"{Workspace}\r\nx")]
    [InlineData($"{Workspace}\n")]
    [InlineData($"{Workspace}/jobs/..")]
    [InlineData($"{Workspace}/jobs/%2e%2e")]
    [InlineData($"{Workspace}/jobs/a?b")]
    [InlineData($"{Workspace}/jobs/a#b")]
    [InlineData($"{Workspace}/jobs")]
    [InlineData($"{Workspace}/jobs/")]
    [InlineData($"{Group}./providers/Microsoft.MachineLearningServices/workspaces/ml")]
    [InlineData("/subscriptions/nobody/resourceGroups/ml-local/providers/Microsoft.MachineLearningServices/workspaces/ml-local")]
    [InlineData("https://evil.example" + Workspace)]
    [InlineData("/" + Workspace)]
    [InlineData("")]
    public void An_invalid_id_is_refused(string id)
    {
        var exception = Assert.Throws<ArgumentException>(() => ArmId.Parse(id));

        Assert.DoesNotContain(exception.Message, char.IsControl);
    }

    [Theory]
    [InlineData("a/b")]
    [InlineData("..")]
    [InlineData("a b ")]
    [InlineData("a\\b")]
    public void An_invalid_name_is_refused(string name) => Assert.Throws<ArgumentException>(() => ArmId.Parse(Workspace).Child("models", name));

    [Fact]
    public void Ids_that_differ_in_case_are_equal() => Assert.Equal(ArmId.Parse(Workspace), ArmId.Parse(Workspace.Replace("ml-local", "ML-Local", StringComparison.Ordinal)));

    [Theory]
    [InlineData(@"\..\..\..\Microsoft.Compute\virtualMachines\vm1?api-version=2024-07-01&x=")]
    [InlineData("?x=")]
    [InlineData("\r\nx")]
    public async Task An_invalid_workspace_is_refused_before_any_call(string suffix)
    {
        await using var arm = await FakeArm.StartAsync();
        using var azure = AzureClient.For(arm);

        await Assert.ThrowsAsync<ArgumentException>(() => azure.Jobs.GetOrCreateAsync(new ResourceIdentifier(Workspace + suffix), "job", new JsonObject(), TestContext.Current.CancellationToken));

        Assert.Empty(arm.Calls);
    }
}
