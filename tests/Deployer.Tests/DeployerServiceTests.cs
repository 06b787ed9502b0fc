using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;

using MLEvents.Deployer.Steps;
using MLEvents.Events;
using MLEvents.Tests.Services;

namespace MLEvents.Deployer.Tests;

/// <summary>The service beside its sidecar, against the simulator, over the wire.</summary>
public sealed class DeployerServiceTests : IAsyncLifetime
{
    private const string Rules = """
        deployments:
          - name: rollout
            model: { name: churn }
            deploy: { endpoint: "{{ model.name }}-scoring", location: westeurope }

        """;

    private readonly ServiceFixture _fixture = new("deployer", configure => DeployerService.Create(["--environment=Development"], configure));
    private SimulatedAzure? _azure;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private SimulatedAzure Azure => _azure ?? throw new InvalidOperationException("Not started.");

    public async ValueTask InitializeAsync()
    {
        _azure = await SimulatedAzure.StartAsync(Token);
        _fixture.Folder.Write("rules/deployments.yaml", Rules);
        foreach (var (name, value) in _azure.Settings)
        {
            _fixture.Settings[name] = value;
        }

        _fixture.Settings["Deployer:PollInterval"] = "00:00:00.050";
        await _fixture.StartAsync(Token);
    }

    public async ValueTask DisposeAsync()
    {
        await _fixture.DisposeAsync();
        await Azure.DisposeAsync();
    }

    [Fact]
    public async Task A_registered_model_gets_endpoint_deployment_and_all_traffic_and_the_next_version_takes_it_over()
    {
        var first = await RollOutAsync("1");
        var second = await RollOutAsync("2");

        Assert.Equal(("succeeded", "succeeded"), (first.Status, second.Status));
        Assert.Equal($$"""{"m2-{{second.ActionId[..8]}}":100,"m1-{{first.ActionId[..8]}}":0}""", await TrafficAsync());
        var deployments = await Azure.ListAsync("deployments", Token);
        Assert.Equal([first.ActionId, second.ActionId], deployments.Select(deployment => deployment["tags"]?[Correlation.ActionTag]?.GetValue<string>()));
        var stages = _fixture.Activity.All.Where(action => action.ActionId == first.ActionId).Select(action => action.Stage).Distinct();
        Assert.Equal(["", Stages.EndpointCreating, Stages.DeploymentCreating, Stages.TrafficMoving], stages);
    }

    [Fact]
    public async Task A_deployment_that_fails_ends_with_its_logs_and_leaves_the_traffic_alone()
    {
        await RollOutAsync("1");
        var before = await TrafficAsync();
        await Azure.FaultAsync("""{ "operation": "OnlineDeployments_CreateOrUpdate", "kind": "failDeployment", "count": 1 }""", Token);

        var failed = await RollOutAsync("2");

        Assert.Equal("failed", failed.Status);
        Assert.Contains("ResourceOperationFailure", failed.Detail, StringComparison.Ordinal);
        Assert.Contains("--- InferenceServer", failed.Detail, StringComparison.Ordinal);
        Assert.Equal(before, await TrafficAsync());
    }

    [Fact]
    public async Task An_older_version_that_arrives_late_is_skipped()
    {
        await RollOutAsync("10");
        var before = await TrafficAsync();

        var late = await RollOutAsync("9");

        Assert.Equal("skipped", late.Status);
        Assert.Contains("newer version", late.Detail, StringComparison.Ordinal);
        Assert.Equal(before, await TrafficAsync());
        Assert.Single(await Azure.ListAsync("deployments", Token));
    }

    [Fact]
    public async Task Calls_that_fail_after_their_work_lead_to_one_deployment_all_the_same()
    {
        await Azure.FaultAsync("""{ "operation": "OnlineEndpoints_CreateOrUpdate", "kind": "status", "status": 500, "count": 1, "when": "after" }""", Token);
        await Azure.FaultAsync("""{ "operation": "OnlineDeployments_CreateOrUpdate", "kind": "status", "status": 500, "count": 1, "when": "after" }""", Token);

        var end = await RollOutAsync("1");

        Assert.Equal("succeeded", end.Status);
        Assert.Single(await Azure.ListAsync("deployments", Token));
    }

    [Fact]
    public async Task An_event_delivered_five_times_at_once_makes_one_deployment()
    {
        await Azure.RegisterAsync("churn", "1", Token);
        var registered = Registered("1");

        await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => _fixture.PublishAsync(registered, Token)));

        Assert.Equal("succeeded", (await _fixture.EndOfAsync("rollout", registered, Token)).Status);
        Assert.Single(await Azure.ListAsync("deployments", Token));
    }

    [Fact]
    public async Task Health_tells_the_version_of_the_rules()
    {
        var health = await _fixture.Service.Client.GetFromJsonAsync<JsonElement>(new Uri("health", UriKind.Relative), Token);

        Assert.Equal(12, health.GetProperty("checks").GetProperty("DeploymentRules").GetProperty("data").GetProperty("version").GetString()?.Length);
    }

    private static WorkflowEvent Registered(string version) =>
        SampleEvents.Create("ModelRegistered", $$"""{ "ModelName": "churn", "ModelVersion": {{version}} }""", $"models/churn:{version}");

    private async Task<ActionChanged> RollOutAsync(string version)
    {
        await Azure.RegisterAsync("churn", version, Token);
        var registered = Registered(version);
        await _fixture.PublishAsync(registered, Token);
        return await _fixture.EndOfAsync("rollout", registered, Token);
    }

    private async Task<string?> TrafficAsync()
    {
        JsonNode endpoint = Assert.Single(await Azure.ListAsync("endpoints", Token));
        return endpoint["properties"]?["traffic"]?.ToJsonString();
    }
}
