using System.Text.Json.Nodes;

using Azure.Core;

using MLEvents.AzureML.Endpoints;
using MLEvents.AzureML.Errors;
using MLEvents.AzureML.Monitoring;
using MLEvents.AzureML.Scoring;

namespace MLEvents.AzureML.Tests;

/// <summary>
/// Behaviour of Azure that the simulator reproduces: conflicts, failed and canceled operations, throttling, missing endpoints, keys and metrics.
/// </summary>
public sealed class FidelityTests
{
    private static readonly ResourceIdentifier Workspace = SimulatorFixture.Workspace;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_deployment_is_scored_with_the_key_of_its_endpoint_and_its_requests_become_metrics()
    {
        await using var azure = await DeployedAsync();
        var answer = new JsonArray(new JsonObject { ["score"] = 0.7 });
        await azure.Simulator.SimulateAsync("scoring", new JsonObject { ["target"] = "churn/blue", ["answer"] = answer, ["latency"] = "1ms" }, Token);
        var from = TimeProvider.System.GetUtcNow().AddMinutes(-1);

        var result = await azure.Client.Scoring.ScoreAsync(Workspace, "churn", new ScoringRequest("""{"x":1}""", "blue"), Token);
        var query = new MetricsQuery(["RequestsPerMinute", "RequestLatency_P95"], from, from.AddMinutes(5)) { Dimensions = new Dictionary<string, string> { ["deployment"] = "blue" } };
        var series = await azure.Client.Metrics.ReadAsync(Workspace, "churn", null, query, Token);
        var instances = await azure.Client.Metrics.ReadAsync(Workspace, "churn", "blue", new MetricsQuery(["CpuUtilizationPercentage"], from, from.AddMinutes(5)), Token);

        Assert.Equal((200, """[{"score":0.7}]""", "blue"), (result.Status, result.Body, result.Deployment));
        Assert.Equal([("RequestsPerMinute", 1d), ("RequestLatency_P95", 1d)], series.Select(one => (one.Metric, Assert.Single(one.Points).Average ?? 0)));
        Assert.NotNull(Assert.Single(instances).Points[0].Average);
    }

    [Fact]
    public async Task After_a_key_is_regenerated_the_client_reads_the_new_key()
    {
        await using var azure = await DeployedAsync();
        await azure.Client.Scoring.ScoreAsync(Workspace, "churn", new ScoringRequest("{}", "blue"), Token);
        await azure.RegenerateKeyAsync("churn");

        var result = await azure.Client.Scoring.ScoreAsync(Workspace, "churn", new ScoringRequest("{}", "blue"), Token);

        Assert.True(result.IsSuccess);
    }

    [Theory]
    [InlineData("failOperation", "Failed", "ResourceOperationFailure")]
    [InlineData("cancelOperation", "Canceled", "OperationCanceled")]
    public async Task A_deployment_whose_operation_fails_or_is_canceled_has_the_reason(string kind, string state, string code)
    {
        await using var azure = await DeployedAsync();
        await azure.Simulator.FaultAsync(new JsonObject { ["operation"] = "OnlineDeployments_CreateOrUpdate", ["kind"] = kind, ["count"] = 1 }, Token);

        await azure.Client.Deployments.BeginCreateOrUpdateAsync(Workspace, "churn", "green", Spec(), Token);
        var ended = await SimulatorFixture.UntilAsync(() => azure.Client.Deployments.GetAsync(Workspace, "churn", "green", Token), found => ProvisioningState.IsTerminal(found.ProvisioningState));

        Assert.Equal((state, code, true), (ended.ProvisioningState, ended.Error?.Code, ProvisioningState.IsFailed(ended.ProvisioningState)));
    }

    [Theory]
    [InlineData("failOperation")]
    [InlineData("cancelOperation")]
    public async Task A_failed_update_of_traffic_does_not_change_the_traffic_and_can_be_repeated(string kind)
    {
        await using var azure = await DeployedAsync();
        var blue = new Dictionary<string, int> { ["blue"] = 100 };
        await azure.Simulator.FaultAsync(new JsonObject { ["operation"] = "OnlineEndpoints_CreateOrUpdate", ["kind"] = kind, ["count"] = 1 }, Token);

        await azure.Client.Endpoints.BeginSetTrafficAsync(Workspace, "churn", blue, Token);
        var failed = await EndpointAsync(azure, found => ProvisioningState.IsTerminal(found.ProvisioningState));
        await azure.Client.Endpoints.BeginSetTrafficAsync(Workspace, "churn", blue, Token);
        var repeated = await EndpointAsync(azure, found => ProvisioningState.IsTerminal(found.ProvisioningState));

        Assert.True(ProvisioningState.IsFailed(failed.ProvisioningState));
        Assert.Equal((0, 100), (failed.Traffic.GetValueOrDefault("blue"), repeated.Traffic["blue"]));
    }

    [Fact]
    public async Task A_change_during_another_operation_is_a_transient_conflict()
    {
        await using var azure = await DeployedAsync(("Arm:MaxRetries", "1"));
        await azure.Simulator.FaultAsync(new JsonObject { ["operation"] = "OnlineEndpoints_CreateOrUpdate", ["kind"] = "slowOperation", ["delay"] = "1h", ["count"] = 1 }, Token);
        await azure.Client.Endpoints.BeginSetTrafficAsync(Workspace, "churn", new Dictionary<string, int> { ["blue"] = 100 }, Token);

        var conflict = await Assert.ThrowsAsync<AzureException>(() => azure.Client.Endpoints.BeginSetTrafficAsync(Workspace, "churn", new Dictionary<string, int>(), Token));

        Assert.Equal((409, true), (conflict.Status, conflict.IsTransient));
    }

    [Theory]
    [InlineData(412)]
    [InlineData(429)]
    public async Task After_a_failed_precondition_or_throttling_the_endpoint_is_read_again_and_the_traffic_is_set(int status)
    {
        await using var azure = await DeployedAsync();
        await azure.Simulator.FaultAsync(new JsonObject { ["operation"] = "OnlineEndpoints_CreateOrUpdate", ["status"] = status, ["retryAfterSeconds"] = 0, ["count"] = 1 }, Token);
        var reads = await azure.Simulator.CountCallsAsync("OnlineEndpoints_Get", Token);

        await azure.Client.Endpoints.BeginSetTrafficAsync(Workspace, "churn", new Dictionary<string, int> { ["blue"] = 100 }, Token);

        Assert.Equal(reads + 2, await azure.Simulator.CountCallsAsync("OnlineEndpoints_Get", Token));
        Assert.Equal(100, (await EndpointAsync(azure, found => ProvisioningState.IsSucceeded(found.ProvisioningState))).Traffic["blue"]);
    }

    [Fact]
    public async Task Mirrored_traffic_is_set_and_removed()
    {
        await using var azure = await DeployedAsync();
        await azure.Client.Deployments.BeginCreateOrUpdateAsync(Workspace, "churn", "green", Spec(), Token);
        await SimulatorFixture.UntilAsync(() => azure.Client.Deployments.GetAsync(Workspace, "churn", "green", Token), found => ProvisioningState.IsSucceeded(found.ProvisioningState));
        var blue = new Dictionary<string, int> { ["blue"] = 100 };

        await azure.Client.Endpoints.BeginSetTrafficAsync(Workspace, "churn", blue, new Dictionary<string, int> { ["green"] = 10 }, Token);
        var mirrored = await EndpointAsync(azure, found => ProvisioningState.IsSucceeded(found.ProvisioningState));
        await azure.Client.Endpoints.BeginSetTrafficAsync(Workspace, "churn", blue, new Dictionary<string, int>(), Token);
        var ended = await EndpointAsync(azure, found => ProvisioningState.IsSucceeded(found.ProvisioningState));

        Assert.Equal((10, 0), (mirrored.MirrorTraffic["green"], ended.MirrorTraffic.Count));
    }

    [Fact]
    public async Task Operations_on_a_missing_endpoint_report_that_it_does_not_exist()
    {
        await using var azure = await SimulatorFixture.StartAsync();
        var now = TimeProvider.System.GetUtcNow();

        var refusals = new[]
        {
            await Assert.ThrowsAsync<AzureException>(() => azure.Client.Endpoints.BeginSetTrafficAsync(Workspace, "churn", new Dictionary<string, int>(), Token)),
            await Assert.ThrowsAsync<AzureException>(() => azure.Client.Deployments.BeginCreateOrUpdateAsync(Workspace, "churn", "blue", Spec(), Token)),
            await Assert.ThrowsAsync<AzureException>(() => azure.Client.Scoring.ScoreAsync(Workspace, "churn", new ScoringRequest("{}"), Token)),
            await Assert.ThrowsAsync<AzureException>(() => azure.Client.Metrics.ReadAsync(Workspace, "churn", null, new MetricsQuery(["RequestLatency"], now.AddMinutes(-1), now), Token)),
        };

        Assert.All(refusals, refusal => Assert.Equal((404, false), (refusal.Status, refusal.IsTransient)));
        Assert.Null(await azure.Client.Endpoints.GetAsync(Workspace, "churn", Token));
        Assert.Empty(await azure.Client.Deployments.ListAsync(Workspace, "churn", Token));
    }

    private static OnlineDeploymentSpec Spec() => new($"{Workspace}/models/churn/versions/1", "Standard_DS3_v2", 1, "westeurope");

    private static Task<OnlineEndpoint> EndpointAsync(SimulatorFixture azure, Func<OnlineEndpoint, bool> expected) =>
        SimulatorFixture.UntilAsync(() => azure.Client.Endpoints.GetAsync(Workspace, "churn", Token), expected);

    private static async Task<SimulatorFixture> DeployedAsync(params (string Key, string Value)[] settings)
    {
        var azure = await SimulatorFixture.StartAsync(settings);
        await azure.Simulator.SimulateAsync("model", new JsonObject { ["name"] = "churn" }, Token);
        await azure.Client.Endpoints.BeginCreateOrUpdateAsync(Workspace, "churn", new OnlineEndpointSpec("westeurope"), Token);
        await EndpointAsync(azure, found => ProvisioningState.IsSucceeded(found.ProvisioningState));
        await azure.Client.Deployments.BeginCreateOrUpdateAsync(Workspace, "churn", "blue", Spec(), Token);
        await SimulatorFixture.UntilAsync(() => azure.Client.Deployments.GetAsync(Workspace, "churn", "blue", Token), found => ProvisioningState.IsSucceeded(found.ProvisioningState));
        return azure;
    }
}
