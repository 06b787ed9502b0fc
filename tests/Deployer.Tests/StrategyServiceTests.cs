using Microsoft.Extensions.DependencyInjection;

using MLEvents.Deployer.Steps;
using MLEvents.Rules;
using MLEvents.Tests.Common;
using MLEvents.Tests.Services;

namespace MLEvents.Deployer.Tests;

/// <summary>Roll-outs with a strategy over the wire: the service with its sidecar, against the simulator with requests, answers, metrics and faults.</summary>
public sealed class StrategyServiceTests : IAsyncLifetime
{
    private const string RuleFile = """
        deployments:
          - name: rollout
            model: { name: churn }
            deploy: { endpoint: churn-scoring, location: westeurope }
            strategy:
              steps: [10, 50, 100]
              bake: 200ms
              verify:
                request: { input: [1] }
                repeat: 3
                expect: { jsonPath: "$[0].score", between: [0, 1], compareWithCurrent: { maxDifference: 0.5 } }
              metrics:
                - { name: RequestErrors, maxPercent: 1, minRequests: 5 }
                - { name: RequestLatency_P95, max: 5000 }
                - { name: CpuUtilizationPercentage, max: 90 }
              failedDeployment: delete
              keep: 0

        """;

    private readonly RolloutFixture _rollouts = new(RuleFile);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private SimulatedAzure Azure => _rollouts.Azure;

    public async ValueTask InitializeAsync()
    {
        await _rollouts.StartAsync();
        await Azure.SimulateAsync("scoring", """{ "target": "churn", "answer": [{ "score": 0.7 }] }""", Token);
        await Azure.SimulateAsync("traffic", """{ "endpoint": "churn-scoring", "requestsPerMinute": 12000 }""", Token);
    }

    public ValueTask DisposeAsync() => _rollouts.DisposeAsync();

    [Fact]
    public async Task A_canary_gets_its_traffic_step_by_step_and_the_replaced_deployment_is_deleted()
    {
        var first = await _rollouts.RollOutAsync("1");
        var second = await _rollouts.RollOutAsync("2");

        Assert.Equal(("succeeded", "succeeded"), (first.Status, second.Status));
        Assert.Equal($"m2-{second.ActionId[..8]} 100%", await _rollouts.TrafficAsync());
        Assert.Equal([$"m2-{second.ActionId[..8]}"], await _rollouts.DeploymentsAsync());
        Assert.Contains($"deleted: m1-{first.ActionId[..8]}", second.Detail, StringComparison.Ordinal);
        Assert.Equal(
            [Stages.DeploymentCreating, Stages.Verifying, Stages.Verified, "traffic-10", "bake-10", "traffic-50", "bake-50", "traffic-100", "bake-100", Stages.Retiring],
            _rollouts.StagesOf(second).Intersect(["traffic-10", "bake-10", "traffic-50", "bake-50", "traffic-100", "bake-100", Stages.DeploymentCreating, Stages.Verifying, Stages.Verified, Stages.Retiring]));
    }

    [Fact]
    public async Task A_roll_out_without_a_strategy_works_on_an_endpoint_whose_earlier_deployments_were_deleted()
    {
        await _rollouts.RollOutAsync("1");
        await _rollouts.RollOutAsync("2");
        var rules = _rollouts.Deployer.Service.Services.GetRequiredService<RuleSource<DeploymentRule>>();
        _rollouts.WriteRules(RuleFile[..RuleFile.IndexOf("    strategy:", StringComparison.Ordinal)]);
        await Poll.UntilAsync(() => rules.Current.Rules.Single().Strategy is null, Token);

        var third = await _rollouts.RollOutAsync("3");

        Assert.Equal("succeeded", third.Status);
        Assert.Equal($"m3-{third.ActionId[..8]} 100%", await _rollouts.TrafficAsync());
    }

    [Fact]
    public async Task The_traffic_is_restored_when_the_model_fails_under_load_and_the_action_contains_the_numbers()
    {
        var first = await _rollouts.RollOutAsync("1");
        await Azure.SimulateAsync("scoring", """{ "target": "churn:2", "answer": [{ "score": 0.6 }], "failureRate": 1, "fromTraffic": 50 }""", Token);

        var second = await _rollouts.RollOutAsync("2");

        Assert.Equal("failed", second.Status);
        Assert.Contains($"the traffic of churn-scoring is as before: m1-{first.ActionId[..8]} 100%", second.Detail, StringComparison.Ordinal);
        Assert.Contains($"m2-{second.ActionId[..8]} at 50% of the traffic: RequestErrors is 100 %, at most 1 % is allowed", second.Detail, StringComparison.Ordinal);
        Assert.Equal([$"m1-{first.ActionId[..8]}"], await _rollouts.DeploymentsAsync());
        Assert.Equal($"m1-{first.ActionId[..8]} 100%", await _rollouts.TrafficAsync());
    }

    [Fact]
    public async Task A_wrong_answer_is_found_before_the_deployment_gets_traffic()
    {
        await _rollouts.RollOutAsync("1");
        var before = await _rollouts.TrafficAsync();
        await Azure.SimulateAsync("scoring", """{ "target": "churn:2", "answer": [{ "score": 0.1 }] }""", Token);

        var second = await _rollouts.RollOutAsync("2");

        Assert.Equal("failed", second.Status);
        Assert.Contains("$[0].score is 0.1, but 0.7 from the deployment in service; the rule allows a difference of 0.5", second.Detail, StringComparison.Ordinal);
        Assert.Equal(before, await _rollouts.TrafficAsync());
        Assert.Single(await _rollouts.DeploymentsAsync());
    }

    [Fact]
    public async Task A_restoration_of_the_traffic_that_fails_in_azure_is_repeated_until_azure_confirms_it()
    {
        var first = await _rollouts.RollOutAsync("1");
        await Azure.SimulateAsync("scoring", """{ "target": "churn:2", "answer": [{ "score": 0.6 }], "failureRate": 1, "fromTraffic": 10 }""", Token);
        var registered = await _rollouts.RegisterAsync("2");
        await _rollouts.StageAsync(registered, "bake-10");
        await Azure.FaultAsync("""{ "operation": "OnlineEndpoints_CreateOrUpdate", "kind": "failOperation", "count": 3 }""", Token);

        var second = await _rollouts.Deployer.EndOfAsync("rollout", registered, Token);

        Assert.Equal("failed", second.Status);
        Assert.Equal($"m1-{first.ActionId[..8]} 100%", await _rollouts.TrafficAsync());
    }

    [Fact]
    public async Task A_replica_that_takes_over_during_a_traffic_step_finishes_the_roll_out_with_one_deployment()
    {
        await _rollouts.RollOutAsync("1");
        var registered = await _rollouts.RegisterAsync("2");
        await _rollouts.StageAsync(registered, "traffic-50");

        await _rollouts.Deployer.StopServiceAsync();
        await _rollouts.Deployer.StopSidecarAsync();
        await _rollouts.Deployer.StartServiceAsync(Token);
        await _rollouts.Deployer.StartSidecarAsync(Token);
        var second = await _rollouts.Deployer.EndOfAsync("rollout", registered, Token);

        Assert.Equal("succeeded", second.Status);
        Assert.Equal([$"m2-{second.ActionId[..8]}"], await _rollouts.DeploymentsAsync());
    }

    [Fact]
    public async Task A_newer_version_takes_over_during_a_bake_after_the_traffic_is_restored()
    {
        var first = await _rollouts.RollOutAsync("1");
        await Azure.SimulateAsync("scoring", """{ "target": "churn:2", "answer": [{ "score": 0.6 }], "noMetrics": true }""", Token);
        var registered = await _rollouts.RegisterAsync("2");
        await _rollouts.StageAsync(registered, "bake-10");

        var third = await _rollouts.RollOutAsync("3");

        var second = await _rollouts.Deployer.EndOfAsync("rollout", registered, Token);
        Assert.Equal(("skipped", "succeeded"), (second.Status, third.Status));
        Assert.StartsWith($"Azure confirmed that the traffic of churn-scoring is as before: m1-{first.ActionId[..8]} 100%. superseded by churn:3", second.Detail, StringComparison.Ordinal);
        Assert.Equal([$"m3-{third.ActionId[..8]}"], await _rollouts.DeploymentsAsync());
        Assert.Equal($"m3-{third.ActionId[..8]} 100%", await _rollouts.TrafficAsync());
    }
}
