namespace MLEvents.Deployer.Tests;

/// <summary>Deployments on a Kubernetes cluster, over the wire.</summary>
public sealed class KubernetesTests
{
    private const string Rules = """
        deployments:
          - name: rollout
            model: { name: churn }
            deploy: { endpoint: churn-scoring, location: westeurope, compute: azureml:k8s, deployment: deployments/k8s.yaml }
            strategy:
              steps: [50, 100]
              verify: { request: { input: [1] } }

        """;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_model_is_verified_and_gets_its_traffic_step_by_step()
    {
        await using var rollouts = new RolloutFixture(Rules);
        rollouts.Deployer.Folder.Write("rules/deployments/k8s.yaml", """
            type: kubernetes
            instance_count: 2
            scale_settings: { type: target_utilization, min_instances: 1, max_instances: 3 }
            resources: { requests: { cpu: "0.1", memory: 0.5Gi } }
            """);
        await rollouts.StartAsync();

        var first = await rollouts.RollOutAsync("1");
        var second = await rollouts.RollOutAsync("2");

        Assert.True(first.Status == "succeeded" && second.Status == "succeeded", $"{first.Detail} {second.Detail}");
        Assert.Equal($"m2-{second.ActionId[..8]} 100%", await rollouts.TrafficAsync());
        var endpoint = Assert.Single(await rollouts.Azure.ListAsync("endpoints", Token));
        Assert.EndsWith("/computes/k8s", (string?)endpoint["properties"]?["compute"], StringComparison.Ordinal);
        Assert.All(await rollouts.Azure.ListAsync("deployments", Token), deployment =>
        {
            Assert.Equal("Kubernetes", (string?)deployment["properties"]?["endpointComputeType"]);
            Assert.Null(deployment["properties"]?["instanceType"]);
            Assert.Equal("0.1", (string?)deployment["properties"]?["containerResourceRequirements"]?["containerResourceRequests"]?["cpu"]);
        });
    }
}
