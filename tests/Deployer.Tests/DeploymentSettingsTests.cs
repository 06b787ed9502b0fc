using System.Text.Json.Nodes;

using MLEvents.Events;
using MLEvents.Tests.Common;
using MLEvents.Tests.Services;

namespace MLEvents.Deployer.Tests;

/// <summary>Deployment files, several endpoints and looked-up models, over the wire.</summary>
public sealed class DeploymentSettingsTests : IAsyncLifetime
{
    private const string Rules = """
        deployments:
          - name: rollout
            model: { name: churn, lookup: true, tags: { stage: production } }
            deploy:
              - { endpoint: churn-eu, location: westeurope, deployment: deployments/churn.yaml, identity: /subscriptions/s/resourceGroups/g/providers/Microsoft.ManagedIdentity/userAssignedIdentities/scorer }
              - { endpoint: churn-us, location: eastus, deployment: deployments/churn.yaml, instanceCount: 1 }
          - name: triton
            model: { name: vision }
            deploy: { endpoint: "{{ model.name }}-scoring", location: westeurope }

        """;

    private readonly RolloutFixture _rollouts = new(Rules);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private SimulatedAzure Azure => _rollouts.Azure;

    public ValueTask InitializeAsync()
    {
        _rollouts.Deployer.Folder.Write("rules/deployments/churn.yaml", """
            instance_type: Standard_F4s_v2
            instance_count: 2
            tags: { team: growth }
            environment_variables: { WORKERS: 4 }
            request_settings: { request_timeout_ms: 3000 }
            liveness_probe: { initial_delay: 30 }
            """);
        return _rollouts.StartAsync();
    }

    public ValueTask DisposeAsync() => _rollouts.DisposeAsync();

    [Fact]
    public async Task A_model_goes_to_each_endpoint_with_the_settings_of_its_file()
    {
        await Azure.SimulateAsync("model", """{ "name": "churn", "version": "1", "tags": { "stage": "production" } }""", Token);
        var registered = RolloutFixture.Registered("1");
        await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => _rollouts.Deployer.PublishAsync(registered, Token)));

        var ends = await _rollouts.Deployer.Activity.AtLeastAsync(2, action => action.Event.Id == registered.Id && action.Status == "succeeded", Token);
        var deployments = await Azure.ListAsync("deployments", Token);
        var endpoints = await Azure.ListAsync("endpoints", Token);

        Assert.Equal(2, ends.Select(end => end.ActionId).Distinct().Count());
        Assert.Equal(["churn-eu westeurope", "churn-us eastus"], endpoints.Select(endpoint => $"{endpoint["name"]} {endpoint["location"]}").Order(StringComparer.Ordinal));
        Assert.Equal([2, 1], deployments.OrderBy(deployment => $"{deployment["id"]}", StringComparer.Ordinal).Select(deployment => (int?)deployment["sku"]?["capacity"]));
        Assert.All(deployments, deployment =>
        {
            var properties = deployment["properties"];
            Assert.Equal(("Standard_F4s_v2", "4", "PT3S", "PT30S", "growth"), (Text(properties?["instanceType"]), Text(properties?["environmentVariables"]?["WORKERS"]), Text(properties?["requestSettings"]?["requestTimeout"]), Text(properties?["livenessProbe"]?["initialDelay"]), Text(deployment["tags"]?["team"])));
        });
        var identity = endpoints.Single(endpoint => Text(endpoint["name"]) == "churn-eu")["identity"];
        Assert.Equal("UserAssigned", Text(identity?["type"]));
        Assert.Contains("userAssignedIdentities/scorer", identity?["userAssignedIdentities"]?.ToJsonString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_model_is_read_when_the_roll_out_begins_and_an_operator_can_start_the_roll_out_after_tagging()
    {
        await Azure.RegisterAsync("churn", "1", Token);
        var registered = RolloutFixture.Registered("1");
        await _rollouts.Deployer.PublishAsync(registered, Token);
        var skipped = await _rollouts.Deployer.EndOfAsync("rollout", registered, Token);
        await Azure.TagModelAsync("churn", "1", """{ "stage": "Production" }""", Token);

        var (status, answer) = await _rollouts.Deployer.Service.AskAsync(HttpMethod.Post, $"/deployments/start?rule=rollout&model=churn:1&workspace={SampleEvents.Workspace}", Token);
        var ends = await _rollouts.Deployer.Activity.AtLeastAsync(2, action => action.Event.Type == EventTypes.RolloutRequested && action.Status == "succeeded", Token);

        Assert.StartsWith("model churn:1 has no tag stage, and the rule asks for production", skipped.Detail, StringComparison.Ordinal);
        Assert.Equal(202, status);
        Assert.Contains("to 2 endpoints; the other action is ", answer.GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.Equal(2, ends.Select(end => end.ActionId).Distinct().Count());
    }

    [Fact]
    public async Task A_triton_model_needs_neither_environment_nor_code()
    {
        await Azure.SimulateAsync("model", """{ "name": "vision", "version": "1", "type": "triton_model" }""", Token);
        var registered = SampleEvents.Create("ModelRegistered", """{ "modelName": "vision", "modelVersion": "1" }""", "models/vision:1");

        await _rollouts.Deployer.PublishAsync(registered, Token);

        Assert.Equal("succeeded", (await _rollouts.Deployer.EndOfAsync("triton", registered, Token)).Status);
    }

    private static string? Text(JsonNode? node) => (string?)node;
}
