using System.Text.Json.Nodes;

using Azure.Core;

using Microsoft.Extensions.Options;

using MLEvents.AzureML.Endpoints;
using MLEvents.AzureML.Errors;

namespace MLEvents.AzureML.Tests;

public sealed class ArmScopeTests
{
    private const string Allowed = "/subscriptions/00000000-1111-2222-3333-444444444444/resourceGroups/test-*/providers/Microsoft.MachineLearningServices/workspaces/*";
    private const string Other = "/subscriptions/99999999-9999-9999-9999-999999999999/resourceGroups/test-rg/providers/Microsoft.MachineLearningServices/workspaces/ws";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_workspace_that_the_settings_do_not_allow_is_refused_before_any_call()
    {
        await using var arm = await FakeArm.StartAsync();
        using var azure = AzureClient.For(arm, null, ("Workspaces:0", Allowed));
        var workspace = new ResourceIdentifier(Other);

        Task[] calls =
        [
            azure.Jobs.GetOrCreateAsync(workspace, "job", new JsonObject(), Token),
            azure.Models.GetAsync(workspace, "churn", "3", Token),
            azure.Endpoints.BeginCreateOrUpdateAsync(workspace, "churn", new OnlineEndpointSpec("westeurope"), Token),
            azure.Deployments.ListAsync(workspace, "churn", Token),
            azure.Deployments.DeleteAsync(workspace, "churn", "blue", Token),
        ];

        foreach (var call in calls)
        {
            var exception = await Assert.ThrowsAsync<AzureException>(() => call);
            Assert.Equal((AzureException.NotAllowedCode, false), (exception.Code, exception.IsTransient));
            Assert.Contains("AzureML:Workspaces", exception.Message, StringComparison.Ordinal);
        }

        Assert.Empty(arm.Calls);
    }

    [Fact]
    public async Task A_workspace_that_a_pattern_allows_is_called()
    {
        await using var arm = await FakeArm.StartAsync();
        using var azure = AzureClient.For(arm, null, ("Workspaces:0", Allowed.ToUpperInvariant()));

        Assert.Null(await azure.Jobs.GetAsync(AzureClient.Workspace, "job", Token));

        Assert.Single(arm.Calls);
    }

    [Fact]
    public async Task A_factory_that_the_settings_do_not_allow_is_refused_before_any_call()
    {
        await using var arm = await FakeArm.StartAsync();
        using var azure = AzureClient.For(arm, null, ("Factories:0", $"{AzureClient.Factory}-2"));

        var exception = await Assert.ThrowsAsync<AzureException>(() => azure.Pipelines.CreateRunAsync(AzureClient.Pipeline, [], null, Token));

        Assert.Contains("AzureML:Factories", exception.Message, StringComparison.Ordinal);
        Assert.Empty(arm.Calls);
    }

    [Theory]
    [InlineData("Production", "")]
    [InlineData("Development", "ml-local")]
    [InlineData("Development", "/subscriptions/*/resourceGroups/*/providers/Microsoft.Compute/virtualMachines/*")]
    [InlineData("Development", Allowed + "/jobs/*")]
    public async Task Missing_or_invalid_workspaces_stop_the_start(string environment, string pattern)
    {
        var settings = new Dictionary<string, string?> { ["AzureML:Workspaces:0"] = pattern };
        using var azure = new AzureClient(settings, environment: environment);

        var exception = await Assert.ThrowsAsync<OptionsValidationException>(azure.StartAsync);

        Assert.Contains("AzureML:Workspaces", exception.Message, StringComparison.Ordinal);
    }
}
