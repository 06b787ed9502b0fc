using System.Net.Http.Json;
using System.Text.Json;

using MLEvents.Deployer.Steps;
using MLEvents.Events;
using MLEvents.Tests.Services;

namespace MLEvents.Deployer.Tests;

/// <summary>The service with its sidecar, against the simulator, over the wire.</summary>
public sealed class DeployerServiceTests : IAsyncLifetime
{
    private const string Rules = """
        deployments:
          - name: rollout
            model: { name: churn }
            deploy: { endpoint: "{{ model.name }}-scoring", location: westeurope }

        """;

    private readonly RolloutFixture _rollouts = new(Rules);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private SimulatedAzure Azure => _rollouts.Azure;

    public ValueTask InitializeAsync() => _rollouts.StartAsync();

    public ValueTask DisposeAsync() => _rollouts.DisposeAsync();

    [Fact]
    public async Task A_registered_model_gets_an_endpoint_a_deployment_and_all_traffic_and_the_next_version_takes_over_the_traffic()
    {
        var first = await _rollouts.RollOutAsync("1");
        var second = await _rollouts.RollOutAsync("2");

        Assert.Equal(("succeeded", "succeeded"), (first.Status, second.Status));
        Assert.Equal($$"""{"m2-{{second.ActionId[..8]}}":100,"m1-{{first.ActionId[..8]}}":0}""", await _rollouts.StoredTrafficAsync());
        var deployments = await Azure.ListAsync("deployments", Token);
        Assert.Equal([first.ActionId, second.ActionId], deployments.Select(deployment => deployment["tags"]?[Correlation.ActionTag]?.GetValue<string>()));
        Assert.Equal(["", Stages.EndpointCreating, Stages.DeploymentCreating, Stages.TrafficMoving], _rollouts.StagesOf(first));
    }

    [Fact]
    public async Task A_failed_deployment_is_reported_with_its_logs_and_the_traffic_does_not_change()
    {
        await _rollouts.RollOutAsync("1");
        var before = await _rollouts.StoredTrafficAsync();
        await Azure.FaultAsync("""{ "operation": "OnlineDeployments_CreateOrUpdate", "kind": "failDeployment", "count": 1 }""", Token);

        var failed = await _rollouts.RollOutAsync("2");

        Assert.Equal("failed", failed.Status);
        Assert.Contains("ResourceOperationFailure", failed.Detail, StringComparison.Ordinal);
        Assert.Contains("--- InferenceServer", failed.Detail, StringComparison.Ordinal);
        Assert.Equal(before, await _rollouts.StoredTrafficAsync());
    }

    [Fact]
    public async Task An_older_version_that_arrives_late_is_skipped()
    {
        await _rollouts.RollOutAsync("10");
        var before = await _rollouts.StoredTrafficAsync();

        var late = await _rollouts.RollOutAsync("9");

        Assert.Equal("skipped", late.Status);
        Assert.Contains("newer version", late.Detail, StringComparison.Ordinal);
        Assert.Equal(before, await _rollouts.StoredTrafficAsync());
        Assert.Single(await Azure.ListAsync("deployments", Token));
    }

    [Fact]
    public async Task Calls_that_fail_after_Azure_executed_them_still_lead_to_one_deployment()
    {
        await Azure.FaultAsync("""{ "operation": "OnlineEndpoints_CreateOrUpdate", "kind": "status", "status": 500, "count": 1, "when": "after" }""", Token);
        await Azure.FaultAsync("""{ "operation": "OnlineDeployments_CreateOrUpdate", "kind": "status", "status": 500, "count": 1, "when": "after" }""", Token);

        var end = await _rollouts.RollOutAsync("1");

        Assert.Equal("succeeded", end.Status);
        Assert.Single(await Azure.ListAsync("deployments", Token));
    }

    [Fact]
    public async Task An_event_delivered_five_times_concurrently_creates_one_deployment()
    {
        await Azure.RegisterAsync("churn", "1", Token);
        var registered = RolloutFixture.Registered("1");

        await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => _rollouts.Deployer.PublishAsync(registered, Token)));

        Assert.Equal("succeeded", (await _rollouts.Deployer.EndOfAsync("rollout", registered, Token)).Status);
        Assert.Single(await Azure.ListAsync("deployments", Token));
    }

    [Fact]
    public async Task The_health_report_contains_the_version_of_the_rules()
    {
        var health = await _rollouts.Deployer.Service.Client.GetFromJsonAsync<JsonElement>(new Uri("health", UriKind.Relative), Token);

        Assert.Equal(12, health.GetProperty("checks").GetProperty("DeploymentRules").GetProperty("data").GetProperty("version").GetString()?.Length);
    }
}
