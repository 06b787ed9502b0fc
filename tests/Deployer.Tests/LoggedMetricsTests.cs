namespace MLEvents.Deployer.Tests;

/// <summary>Metrics that the job of a model logged to MLflow, over the wire.</summary>
public sealed class LoggedMetricsTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_gate_reads_the_metrics_of_the_run_that_created_the_model()
    {
        await using var rollouts = new RolloutFixture("""
            deployments:
              - name: rollout
                model: { name: churn, metrics: { auc: { min: 0.8, notWorseThanCurrent: 0.01 } } }
                deploy: { endpoint: churn-scoring, location: westeurope }
            """);
        await rollouts.StartAsync();

        var good = await RollOutAsync(rollouts, "1", "0.91");
        var bad = await RollOutAsync(rollouts, "2", "0.7");
        var worse = await RollOutAsync(rollouts, "3", "0.85");

        Assert.Equal(("succeeded", "skipped", "skipped"), (good.Status, bad.Status, worse.Status));
        Assert.Equal("auc of model churn:2 is 0.7, at least 0.8 is needed", bad.Detail);
        Assert.StartsWith("auc of model churn:3 is 0.85, but that of the model in service (churn:1", worse.Detail, StringComparison.Ordinal);
        Assert.Contains(") is 0.91; the rule allows a difference of ", worse.Detail, StringComparison.Ordinal);
    }

    private static async Task<Events.ActionChanged> RollOutAsync(RolloutFixture rollouts, string version, string auc)
    {
        await rollouts.Azure.PutJobAsync($"train-{version}", $$$"""{ "jobType": "Command", "command": "train", "environmentId": "azureml:e:1", "tags": { "simulator.runMetrics.auc": "{{{auc}}}" } }""", Token);
        await rollouts.Azure.RegisterAsync("churn", version, $"train-{version}", Token);
        var registered = RolloutFixture.Registered(version);
        await rollouts.Deployer.PublishAsync(registered, Token);
        return await rollouts.Deployer.EndOfAsync("rollout", registered, Token);
    }
}
