using System.Text.Json.Nodes;

using MLEvents.Tests.Services;
using MLEvents.Tests.Services.Official;

namespace MLEvents.Deployer.Tests;

/// <summary>
/// The requests of the deployer, compared with Azure's official examples. Every test with <see cref="SimulatedAzure"/> makes this comparison when it ends.
/// These tests send requests with many optional members, and show that the comparison detects differences.
/// </summary>
public sealed class OfficialRequestTests
{
    private const string Rules = """
        deployments:
          - name: rollout
            model: { name: churn }
            deploy:
              endpoint: churn-scoring
              location: westeurope
              deployment: churn.yaml
              tags: { team: growth }
              autoscale: { min: 1, max: 5, rules: [{ metric: CpuUtilizationPercentage, above: 70, add: 1 }, { metric: CpuUtilizationPercentage, below: 30, remove: 1 }] }
            strategy: { mirror: 10, steps: [50, 100] }

        """;

    private const string Managed = """
        description: Churn
        properties: { owner: growth }
        environment: azureml:churn-env:3
        code_configuration: { code: azureml:churn-code:2, scoring_script: score.py }
        environment_variables: { WORKERS: 4 }
        instance_type: Standard_F4s_v2
        app_insights_enabled: true
        egress_public_network_access: disabled
        model_mount_path: /var/models
        request_settings: { request_timeout_ms: 3000, max_concurrent_requests_per_instance: 4, max_queue_wait_ms: 500 }
        liveness_probe: { initial_delay: 30, period: 10, timeout: 2, success_threshold: 1, failure_threshold: 30 }
        readiness_probe: { initial_delay: 10 }
        scale_settings: { type: default }
        data_collector: { sampling_rate: 0.5, rolling_rate: hour, request_logging: { capture_headers: [x-tenant] }, collections: { model_inputs: { enabled: 'True', data: azureml:inputs:1 } } }

        """;

    private const string Kubernetes = """
        type: kubernetes
        scale_settings: { type: target_utilization, min_instances: 1, max_instances: 5, polling_interval: 10, target_utilization_percentage: 70 }
        resources: { requests: { cpu: "0.1", memory: 0.5Gi }, limits: { cpu: 1, memory: 2Gi, nvidia.com/gpu: 1 } }

        """;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_requests_of_roll_outs_have_the_members_and_values_of_the_specification()
    {
        SkipWithoutExamples();
        await using var rollouts = new RolloutFixture(Rules);
        rollouts.Deployer.Folder.Write("rules/churn.yaml", Managed);
        await rollouts.StartAsync();

        var first = await rollouts.RollOutAsync("1");
        var second = await rollouts.RollOutAsync("2");
        await rollouts.Azure.FaultAsync("""{ "operation": "OnlineDeployments_CreateOrUpdate", "kind": "failDeployment", "count": 1 }""", Token);
        var third = await rollouts.RollOutAsync("3");

        Assert.Equal(("succeeded", "succeeded", "failed"), (first.Status, second.Status, third.Status));
        Assert.Equal(
            ["AutoscaleSettings_CreateOrUpdate", "OnlineDeployments_CreateOrUpdate", "OnlineDeployments_GetLogs", "OnlineEndpoints_CreateOrUpdate"],
            rollouts.Azure.Requests.Select(OfficialRequests.NameOf).Distinct().Order());
        Assert.Contains(rollouts.Azure.Requests, request => request.Body?["properties"]?["mirrorTraffic"] is JsonObject { Count: > 0 });
        Assert.Contains(rollouts.Azure.Requests, request => request.Body?["properties"]?["traffic"] is JsonObject { Count: 2 });
        Assert.Contains(rollouts.Azure.Requests, request => request.Body?["properties"]?["dataCollector"] is not null);
        Assert.Empty(OfficialRequests.FindFaults(rollouts.Azure.Requests));
    }

    [Fact]
    public async Task The_requests_of_a_roll_out_to_kubernetes_have_the_members_and_values_of_the_specification()
    {
        SkipWithoutExamples();
        await using var rollouts = new RolloutFixture("""
            deployments:
              - name: rollout
                model: { name: churn }
                deploy: { endpoint: churn-scoring, location: westeurope, deployment: churn.yaml, compute: azureml:k8s }

            """);
        rollouts.Deployer.Folder.Write("rules/churn.yaml", Kubernetes);
        await rollouts.StartAsync();

        Assert.Equal("succeeded", (await rollouts.RollOutAsync("1")).Status);
        Assert.Contains(rollouts.Azure.Requests, request => request.Body?["properties"]?["containerResourceRequirements"] is not null);
        Assert.Empty(OfficialRequests.FindFaults(rollouts.Azure.Requests));
    }

    [Theory]
    [InlineData("""{ "location": "westeurope", "properties": { "authMode": "Key" } }""", null)]
    [InlineData("""{ "location": "westeurope", "properties": { "authMode": "Key", "trafic": {} } }""", "properties.trafic is not in the specification")]
    [InlineData("""{ "location": "westeurope", "propertys": {}, "properties": { "authMode": "Key" } }""", "propertys is not in the specification")]
    [InlineData("""{ "location": "westeurope", "properties": { "authMode": "Keys" } }""", "properties.authMode is 'Keys', and the specification says AMLToken, Key, AADToken")]
    [InlineData("""{ "location": "westeurope", "properties": { "authMode": "Key", "traffic": { "blue": "100" } } }""", "properties.traffic.blue is a String, and the specification says Number")]
    [InlineData("""{ "location": "westeurope", "properties": { "authMode": false } }""", "properties.authMode is a Boolean, and the specification says String")]
    [InlineData("""{ "properties": { "authMode": "Key" } }""", "location is missing, and the specification requires it")]
    [InlineData("""{ "location": "westeurope", "properties": {} }""", "properties.authMode is missing, and the specification requires it")]
    public void A_request_that_differs_from_the_specification_is_reported(string body, string? fault)
    {
        SkipWithoutExamples();
        const string path = $"{SampleEvents.Workspace}/onlineEndpoints/churn";

        var faults = OfficialRequests.FindFaults([new("PUT", path, "2024-04-01", JsonNode.Parse(body))]);

        Assert.Equal(fault is null ? [] : [$"OnlineEndpoints_CreateOrUpdate {path}: {fault}"], faults);
    }

    [Theory]
    [InlineData("PUT", "/onlineEndpoints/churn", "2023-04-01", "the API version is 2023-04-01, but the specification has 2024-04-01")]
    [InlineData("PATCH", "/onlineEndpoints/churn", "2024-04-01", "OfficialRequests does not know this operation. Add its members and allowed values from the specification")]
    [InlineData("PUT", "/computes/cluster", "2024-04-01", "OfficialRequests does not know this operation. Add its members and allowed values from the specification")]
    public void An_unknown_version_and_an_unknown_operation_are_reported(string method, string path, string version, string fault)
    {
        SkipWithoutExamples();

        var faults = OfficialRequests.FindFaults([new(method, SampleEvents.Workspace + path, version, JsonNode.Parse("""{ "location": "westeurope", "properties": { "authMode": "Key" } }"""))]);

        Assert.EndsWith(fault, Assert.Single(faults), StringComparison.Ordinal);
    }

    private static void SkipWithoutExamples() => Assert.SkipUnless(
        OfficialRequests.AreAvailable, "The reference folder (environment variable MLEVENTS_REFERENCE, default ../shared/reference) does not exist, so requests are not compared with Azure's official examples.");
}
