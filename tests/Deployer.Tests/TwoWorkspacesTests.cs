using MLEvents.Deployer.Steps;
using MLEvents.Tests.Services;

namespace MLEvents.Deployer.Tests;

/// <summary>Roll-outs over the wire to a workspace that is not the workspace of the event: events come from ml-local, and the endpoint is in ml-production.</summary>
public sealed class TwoWorkspacesTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_model_of_a_registry_is_verified_and_ramped_up_in_the_other_workspace()
    {
        await using var rollouts = new RolloutFixture($$"""
            deployments:
              - name: rollout
                model: { name: churn, registry: {{TestData.Registry}} }
                deploy: { endpoint: churn-scoring, location: westeurope, workspace: {{SimulatedAzure.OtherWorkspace}} }
                strategy: { steps: [50, 100], bake: 100ms, verify: { request: { input: [1] }, expect: { status: 200 } }, keep: 0 }
            """);
        await rollouts.StartAsync();

        var first = await ShareAsync(rollouts, "1");
        var second = await ShareAsync(rollouts, "2");

        Assert.Equal(("succeeded", "succeeded"), (first.Status, second.Status));
        Assert.Equal($"m2-{second.ActionId[..8]} 100%", await rollouts.TrafficAsync());
        Assert.StartsWith($"{SimulatedAzure.OtherWorkspace}/onlineEndpoints/", (string?)Assert.Single(await rollouts.Azure.ListAsync("endpoints", Token))["id"], StringComparison.Ordinal);
        Assert.Equal("azureml://registries/contoso/models/churn/versions/2", (string?)Assert.Single(await rollouts.Azure.ListAsync("deployments", Token))["properties"]?["model"]);
        Assert.Contains(Stages.Verified, rollouts.StagesOf(second));
    }

    [Fact]
    public async Task A_model_without_a_registry_is_looked_up_in_the_workspace_of_the_endpoint()
    {
        await using var rollouts = new RolloutFixture($$"""
            deployments:
              - name: rollout
                model: { name: churn }
                deploy: { endpoint: churn-scoring, location: westeurope, workspace: {{SimulatedAzure.OtherWorkspace}} }
            """);
        await rollouts.StartAsync();

        var missing = await rollouts.RollOutAsync("1");
        await rollouts.AddModelAsync(SimulatedAzure.OtherWorkspace, "2");
        await rollouts.Deployer.PublishAsync(RolloutFixture.Registered("2"), Token);
        var found = await rollouts.Deployer.Activity.FirstAsync(action => action.ActionId != missing.ActionId && action.Status is "succeeded" or "failed", Token);

        Assert.Equal("failed", missing.Status);
        Assert.StartsWith("model churn:1 is not in workspace ml-production; it may have been deleted. To deploy a model of another workspace, share it to a registry", missing.Detail, StringComparison.Ordinal);
        Assert.Equal("succeeded", found.Status);
        Assert.Equal($"{SimulatedAzure.OtherWorkspace}/models/churn/versions/2", (string?)Assert.Single(await rollouts.Azure.ListAsync("deployments", Token))["properties"]?["model"]);
    }

    private static async Task<Events.ActionChanged> ShareAsync(RolloutFixture rollouts, string version)
    {
        await rollouts.AddModelAsync(TestData.Registry, version);
        var registered = RolloutFixture.Registered(version);
        await rollouts.Deployer.PublishAsync(registered, Token);
        return await rollouts.Deployer.EndOfAsync("rollout", registered, Token);
    }
}
