using System.Net;

using static MLEvents.Local.Simulator.Tests.ChurnEndpoint;
using static MLEvents.Local.Simulator.Tests.RunningSimulator;

namespace MLEvents.Local.Simulator.Tests;

/// <summary>Operations that are slow, fail or are canceled, and the limits on deployments and instances.</summary>
public sealed class OperationFaultTests
{
    [Theory]
    [InlineData("failOperation", "Failed", "ResourceOperationFailure")]
    [InlineData("cancelOperation", "Canceled", "OperationCanceled")]
    public async Task An_update_of_traffic_that_fails_or_is_canceled_does_not_change_the_traffic(string kind, string state, string code)
    {
        await using var simulator = await StartAsync();
        await DeployAsync(simulator);
        await simulator.PutAsync(Endpoint, Bodies.Traffic("""{"blue":100}"""));
        await simulator.UntilAsync(Endpoint, found => State(found) == "Succeeded");
        await FaultAsync(simulator, "OnlineEndpoints_CreateOrUpdate", kind);

        using var changed = await simulator.PutAsync(Endpoint, Bodies.Traffic("{}"));
        var endpoint = await simulator.UntilAsync(Endpoint, found => State(found) == state);
        var status = await simulator.ReadAsync(new Uri(changed.Headers.GetValues("Azure-AsyncOperation").Single()).PathAndQuery);

        Assert.Equal(100, (int?)endpoint["properties"]?["traffic"]?["blue"]);
        Assert.Equal((state, code), ((string?)status["status"], (string?)status["error"]?["code"]));
    }

    [Theory]
    [InlineData("failOperation", "Failed")]
    [InlineData("cancelOperation", "Canceled")]
    public async Task A_deployment_still_exists_after_its_deletion_fails_or_is_canceled(string kind, string state)
    {
        await using var simulator = await StartAsync();
        await DeployAsync(simulator);
        await FaultAsync(simulator, "OnlineDeployments_Delete", kind);

        await simulator.DeleteAsync(Blue);
        await simulator.UntilAsync(Blue, found => State(found) == state);
        using var again = await simulator.DeleteAsync(Blue);

        Assert.Equal(HttpStatusCode.Accepted, again.StatusCode);
    }

    [Theory]
    [InlineData("BatchEndpoints", "")]
    [InlineData("BatchDeployments", "/deployments/default")]
    public async Task Faults_of_batch_endpoints_and_of_their_deployments_affect_updates_and_deletions(string operations, string path)
    {
        await using var simulator = await StartAsync();
        var resource = $"{Workspace}/batchEndpoints/churn-training{path}";
        var body = (await simulator.ReadAsync(resource)).ToJsonString();
        await FaultAsync(simulator, $"{operations}_CreateOrUpdate", "failOperation");
        await FaultAsync(simulator, $"{operations}_Delete", "cancelOperation");

        using var update = await simulator.PutAsync(resource, body);
        await simulator.UntilAsync(resource, found => State(found) == "Failed");
        using var deletion = await simulator.DeleteAsync(resource);
        await simulator.UntilAsync(resource, found => State(found) == "Canceled");

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.Accepted), (update.StatusCode, deletion.StatusCode));
    }

    [Fact]
    public async Task A_slow_operation_is_in_progress_and_a_second_update_is_a_conflict()
    {
        await using var simulator = await StartAsync();
        await DeployAsync(simulator);
        await FaultAsync(simulator, "OnlineDeployments_CreateOrUpdate", "slowOperation", ""","delay":"1h" """);

        using var update = await simulator.PutAsync(Blue, Bodies.Deployment());
        using var conflict = await simulator.PutAsync(Blue, Bodies.Deployment());
        var status = await simulator.ReadAsync(new Uri(update.Headers.GetValues("Azure-AsyncOperation").Single()).PathAndQuery);

        Assert.Equal((HttpStatusCode.Conflict, "InProgress"), (conflict.StatusCode, (string?)status["status"]));
    }

    [Fact]
    public async Task A_rejected_update_does_not_consume_the_fault_and_the_next_update_fails()
    {
        await using var simulator = await StartAsync();
        await DeployAsync(simulator);
        await FaultAsync(simulator, "OnlineDeployments_CreateOrUpdate", "failOperation");

        using var rejected = await simulator.PutAsync(Blue, Bodies.Deployment().Replace("westeurope", "northeurope", StringComparison.Ordinal));
        using var accepted = await simulator.PutAsync(Blue, Bodies.Deployment());

        Assert.Equal((HttpStatusCode.Conflict, HttpStatusCode.OK), (rejected.StatusCode, accepted.StatusCode));
        await simulator.UntilAsync(Blue, found => State(found) == "Failed");
    }

    [Fact]
    public async Task An_endpoint_refuses_deployments_above_its_limit()
    {
        await using var simulator = await StartAsync(("DeploymentsPerEndpoint", "1"));
        await DeployAsync(simulator);

        using var second = await simulator.PutAsync(Endpoint + "/deployments/green", Bodies.Deployment());
        using var update = await simulator.PutAsync(Blue, Bodies.Deployment());

        Assert.Equal((HttpStatusCode.BadRequest, HttpStatusCode.OK), (second.StatusCode, update.StatusCode));
        Assert.Contains("maximum number of deployments per endpoint is 1", (string?)(await second.JsonAsync())["error"]?["message"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_quota_of_an_instance_type_applies_to_all_endpoints_together()
    {
        await using var simulator = await StartAsync(("InstanceQuota", "1"));
        await DeployAsync(simulator);
        await simulator.PutAsync(Workspace + "/onlineEndpoints/other", Bodies.Endpoint);

        using var refused = await simulator.PutAsync(Workspace + "/onlineEndpoints/other/deployments/blue", Bodies.Deployment());

        var error = (await refused.JsonAsync())["error"];
        Assert.Equal("OutOfQuota", (string?)error?["code"]);
        Assert.Contains("Current usage/limit: 1/1. Additional needed: 1", (string?)error?["message"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_update_of_a_deployment_does_not_count_its_own_instances_twice()
    {
        await using var simulator = await StartAsync(("InstanceQuota", "1"));
        await DeployAsync(simulator);

        using var update = await simulator.PutAsync(Workspace + "/onlineEndpoints/CHURN/deployments/blue", Bodies.Deployment());

        Assert.Equal(HttpStatusCode.OK, update.StatusCode);
    }

    private static async Task FaultAsync(RunningSimulator simulator, string operation, string kind, string more = "")
    {
        using var response = await simulator.PostAsync("/faults", $$"""{"operation":"{{operation}}","kind":"{{kind}}","count":1{{more}}}""");
        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
    }
}
