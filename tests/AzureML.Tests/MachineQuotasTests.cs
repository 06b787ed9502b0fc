using System.Text.Json.Nodes;

using Azure.Core;

using MLEvents.AzureML.Errors;
using MLEvents.AzureML.Quotas;

namespace MLEvents.AzureML.Tests;

/// <summary>Sizes of machines and quotas of a region.</summary>
public sealed class MachineQuotasTests
{
    private const string Locations = "/subscriptions/00000000-1111-2222-3333-444444444444/providers/Microsoft.MachineLearningServices/locations/westeurope";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    // In the official examples, a quota has the name that the studio shows. The list of sizes has the family as an identifier.
    [Theory]
    [InlineData("standardDSv2Family")]
    [InlineData("Standard DSv2 Family Cluster Dedicated vCPUs")]
    public async Task The_quota_of_a_family_is_found_by_both_spellings(string name)
    {
        await using var arm = await FakeArm.StartAsync();
        arm.On("GET", $"{Locations}/usages", new FakeAnswer(200, $$"""
            { "value": [
              { "type": "Microsoft.MachineLearningServices/vmFamily/usages", "currentValue": 1, "limit": 2, "name": { "value": "standardDSFamily", "localizedValue": "other" } },
              { "type": "Microsoft.MachineLearningServices/vmFamily/usages", "currentValue": 14, "limit": 100, "unit": "Count", "name": { "value": "{{name}}", "localizedValue": "Standard DSv2 Family Cluster Dedicated vCPUs" } }
            ] }
            """));
        using var azure = AzureClient.For(arm);

        Assert.Equal(new CoreUsage("Standard DSv2 Family Cluster Dedicated vCPUs", 14, 100), await azure.Quotas.FindUsageAsync(AzureClient.Workspace, "West Europe", "standardDSv2Family", Token));
        Assert.Null(await azure.Quotas.FindUsageAsync(AzureClient.Workspace, "westeurope", "standardXFamily", Token));
    }

    // The entries of a workspace and of its clusters come first here, with the same name as the quota of the subscription.
    [Fact]
    public async Task Only_the_quota_of_the_subscription_is_read()
    {
        const string name = """{ "value": "Standard DSv2 Family Cluster Dedicated vCPUs", "localizedValue": "Standard DSv2 Family Cluster Dedicated vCPUs" }""";
        await using var arm = await FakeArm.StartAsync();
        arm.On("GET", $"{Locations}/usages", new FakeAnswer(200, $$"""
            { "value": [
              { "type": "Microsoft.MachineLearningServices/workspaces/usages", "currentValue": 24, "limit": 24, "name": {{name}} },
              { "type": "Microsoft.MachineLearningServices/workspaces/computes/usages", "currentValue": 24, "limit": 24, "name": {{name}} },
              { "type": "Microsoft.MachineLearningServices/vmFamily/usages", "currentValue": 2, "limit": 24, "name": {{name}} }
            ] }
            """));
        using var azure = AzureClient.For(arm);

        Assert.Equal(2, (await azure.Quotas.FindUsageAsync(AzureClient.Workspace, "westeurope", "standardDSv2Family", Token))?.Used);
    }

    [Theory]
    [InlineData("""{ "currentValue": 18, "limit": -1 }""")]
    [InlineData("""{ "limit": 0 }""")]
    [InlineData("""{ "currentValue": 18 }""")]
    [InlineData("""{ "currentValue": "many", "limit": 24 }""")]
    public async Task An_entry_without_a_value_or_a_limit_is_ignored(string numbers)
    {
        var usage = JsonNode.Parse(numbers)?.AsObject() ?? [];
        usage["type"] = "Microsoft.MachineLearningServices/vmFamily/usages";
        usage["name"] = new JsonObject { ["value"] = "standardDSv2Family" };
        await using var arm = await FakeArm.StartAsync();
        arm.On("GET", $"{Locations}/usages", new FakeAnswer(200, new JsonObject { ["value"] = new JsonArray(usage) }.ToJsonString()));
        using var azure = AzureClient.For(arm);

        Assert.Null(await azure.Quotas.FindUsageAsync(AzureClient.Workspace, "westeurope", "standardDSv2Family", Token));
    }

    [Fact]
    public async Task An_invalid_region_and_a_workspace_that_is_not_allowed_are_refused_before_any_call()
    {
        await using var arm = await FakeArm.StartAsync();
        using var azure = AzureClient.For(arm, null, ("Workspaces:0", $"{AzureClient.Workspace}-other"));

        await Assert.ThrowsAsync<ArgumentException>(() => azure.Quotas.ListSizesAsync(AzureClient.Workspace, "../x", Token));
        Assert.Equal(AzureException.NotAllowedCode, (await Assert.ThrowsAsync<AzureException>(() => azure.Quotas.ListSizesAsync(AzureClient.Workspace, "westeurope", Token))).Code);
        Assert.Empty(arm.Calls);
    }

    [Fact]
    public async Task The_simulator_lists_the_machine_sizes_and_the_quota_of_a_family()
    {
        await using var azure = await SimulatorFixture.StartAsync();
        var (quotas, workspace) = (azure.Client.Quotas, new ResourceIdentifier(SimulatorFixture.Workspace.ToString()));

        var size = Assert.Single(await quotas.ListSizesAsync(workspace, "westeurope", Token), size => size.Name == "Standard_DS3_v2");
        var usage = await quotas.FindUsageAsync(workspace, "westeurope", size.Family, Token);

        Assert.Equal(("standardDSv2Family", 4), (size.Family, size.Cores));
        Assert.Equal(("Standard DSv2 Family Cluster Dedicated vCPUs", 0), (usage?.Name, usage?.Used));
        Assert.True(usage?.Limit > 0);
    }
}
