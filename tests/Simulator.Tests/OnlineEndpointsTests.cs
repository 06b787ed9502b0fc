using System.Net;

using static MLEvents.Local.Simulator.Tests.ChurnEndpoint;
using static MLEvents.Local.Simulator.Tests.RunningSimulator;

namespace MLEvents.Local.Simulator.Tests;

public sealed class OnlineEndpointsTests
{
    [Fact]
    public async Task Creating_an_endpoint_is_a_long_running_operation_that_succeeds()
    {
        await using var simulator = await StartAsync();

        using var created = await simulator.PutAsync(Endpoint, Bodies.Endpoint);
        var status = new Uri(created.Headers.GetValues("Azure-AsyncOperation").Single());
        var ended = await simulator.UntilAsync(status.PathAndQuery, found => (string?)found["status"] == "Succeeded");
        var endpoint = await simulator.ReadAsync(Endpoint);

        Assert.Equal(HttpStatusCode.Created, created.StatusCode);
        Assert.Equal("PT1H", created.Headers.GetValues("x-ms-async-operation-timeout").Single());
        Assert.NotNull(created.Headers.RetryAfter);
        Assert.Equal("Creating", State(await created.JsonAsync()));
        Assert.Contains("mfeOperationsStatus", status.AbsolutePath, StringComparison.Ordinal);
        Assert.NotNull(ended["endTime"]);
        Assert.Equal("Succeeded", State(endpoint));
        Assert.NotNull(endpoint["properties"]?["scoringUri"]);
        Assert.Equal(status.AbsoluteUri, (string?)endpoint["properties"]?["properties"]?["AzureAsyncOperationUri"]);
    }

    [Theory]
    [InlineData("""{"blue":90}""")]
    [InlineData("""{"green":100}""")]
    [InlineData("""{"blue":101}""")]
    [InlineData("""{"blue":"all"}""")]
    public async Task Traffic_is_rejected_if_its_sum_or_a_percentage_is_invalid_or_a_deployment_does_not_exist(string traffic)
    {
        await using var simulator = await StartAsync();
        await DeployAsync(simulator);

        using var response = await simulator.PutAsync(Endpoint, Bodies.Traffic(traffic));

        Assert.Equal("UserError", (string?)(await response.JsonAsync())["error"]?["code"]);
    }

    [Fact]
    public async Task Traffic_is_shifted_by_PUT_and_never_by_PATCH()
    {
        await using var simulator = await StartAsync();
        await DeployAsync(simulator);
        await simulator.PutAsync(Endpoint, Bodies.Traffic("""{"blue":100}"""));
        await simulator.UntilAsync(Endpoint, found => (int?)found["properties"]?["traffic"]?["blue"] == 100);

        using var patched = await simulator.SendAsync(HttpMethod.Patch, Endpoint, """{"tags":{"a":"b"},"properties":{"traffic":{"blue":0}}}""");
        var endpoint = await simulator.ReadAsync(Endpoint);

        Assert.Equal(HttpStatusCode.OK, patched.StatusCode);
        Assert.Equal("b", (string?)endpoint["tags"]?["a"]);
        Assert.Equal(100, (int?)endpoint["properties"]?["traffic"]?["blue"]);
    }

    [Fact]
    public async Task A_repeated_PUT_of_the_same_traffic_is_recorded_once_even_if_the_endpoint_name_has_another_letter_case()
    {
        await using var simulator = await StartAsync();
        await DeployAsync(simulator);
        await simulator.PutAsync(Endpoint, Bodies.Traffic("""{"blue":100}"""));
        await simulator.UntilAsync(Endpoint, found => (int?)found["properties"]?["traffic"]?["blue"] == 100);

        using var repeated = await simulator.PutAsync(Workspace + "/onlineEndpoints/CHURN", Bodies.Traffic("""{"blue":100}"""));
        await simulator.UntilAsync(Endpoint, found => State(found) == "Succeeded");
        var changes = await simulator.ReadAsync("/endpoint-changes");

        Assert.True(repeated.IsSuccessStatusCode);
        Assert.Single(changes.AsArray(), change => (string?)change?["kind"] == "traffic");
    }

    [Fact]
    public async Task A_second_change_during_an_operation_is_a_conflict()
    {
        await using var simulator = await StartAsync(("Clock:Endpoint", "00:01:00"));
        await simulator.PutAsync(Endpoint, Bodies.Endpoint);

        using var second = await simulator.PutAsync(Endpoint, Bodies.Endpoint);

        Assert.Equal(HttpStatusCode.Conflict, second.StatusCode);
    }

    [Fact]
    public async Task Deleting_an_endpoint_deletes_its_deployments()
    {
        await using var simulator = await StartAsync();
        await DeployAsync(simulator);

        using var deleted = await simulator.DeleteAsync(Endpoint);
        await simulator.UntilAsync(Workspace + "/onlineEndpoints", list => list["value"]?.AsArray().Count == 0);
        using var gone = await simulator.DeleteAsync(Endpoint);
        using var deployment = await simulator.GetAsync(Blue);
        var changes = await simulator.ReadAsync("/endpoint-changes");

        Assert.Equal(HttpStatusCode.Accepted, deleted.StatusCode);
        Assert.NotNull(deleted.Headers.Location);
        Assert.Equal(HttpStatusCode.NoContent, gone.StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, deployment.StatusCode);
        Assert.Equal(
            ["created churn/blue churn:1 {}", "deleted churn/blue churn:1 {}"],
            changes.AsArray().Select(change => $"{change?["kind"]} {change?["endpoint"]}/{change?["deployment"]} {change?["model"]} {change?["traffic"]?.ToJsonString()}"));
    }

    [Fact]
    public async Task ModelDeployed_is_raised_again_after_the_endpoint_is_deleted_and_created_again()
    {
        await using var simulator = await StartAsync();
        await using var webhook = await FakeWebhook.StartAsync();
        await webhook.SubscribeAsync(simulator);
        await DeployAsync(simulator);
        await simulator.PutAsync(Endpoint, Bodies.Traffic("""{"blue":100}"""));
        await webhook.UntilAsync(events => events.Exists(found => found.Type == "ModelDeployed"));

        await simulator.DeleteAsync(Endpoint);
        await simulator.UntilAsync(Workspace + "/onlineEndpoints", list => list["value"]?.AsArray().Count == 0);
        await DeployAsync(simulator, registers: false);
        await simulator.PutAsync(Endpoint, Bodies.Traffic("""{"blue":100}"""));
        await webhook.UntilAsync(events => events.Count(found => found.Type == "ModelDeployed") > 1);

        Assert.Equal(2, webhook.Events.Where(found => found.Type == "ModelDeployed").Select(found => (string?)found.Body["id"]).Distinct().Count());
    }

    [Fact]
    public async Task A_deployment_of_an_unknown_model_fails_with_the_error_ModelNotFound()
    {
        await using var simulator = await StartAsync();
        await simulator.PutAsync(Endpoint, Bodies.Endpoint);

        using var created = await simulator.PutAsync(Blue, Bodies.Deployment("/models/none/versions/1"));
        var status = await simulator.UntilAsync(new Uri(created.Headers.GetValues("Azure-AsyncOperation").Single()).PathAndQuery, found => (string?)found["status"] != "InProgress");

        Assert.Equal(HttpStatusCode.Created, created.StatusCode);
        Assert.Equal("ModelNotFound", (string?)status["error"]?["code"]);
        Assert.Equal("Failed", State(await simulator.ReadAsync(Blue)));
    }

    [Fact]
    public async Task A_deployment_with_traffic_cannot_be_deleted()
    {
        await using var simulator = await StartAsync();
        await DeployAsync(simulator);
        await simulator.PutAsync(Endpoint, Bodies.Traffic("""{"blue":100}"""));
        await simulator.UntilAsync(Endpoint, found => (int?)found["properties"]?["traffic"]?["blue"] == 100);

        using var refused = await simulator.DeleteAsync(Blue);
        await simulator.PutAsync(Endpoint, Bodies.Traffic("{}"));
        await simulator.UntilAsync(Endpoint, found => State(found) == "Succeeded");
        using var accepted = await simulator.DeleteAsync(Blue);

        Assert.Equal(HttpStatusCode.Conflict, refused.StatusCode);
        Assert.Equal(HttpStatusCode.Accepted, accepted.StatusCode);
    }

    [Theory]
    [InlineData("/onlineEndpoints/none/deployments/blue", HttpStatusCode.NotFound, "ParentResourceNotFound")]
    [InlineData("/onlineEndpoints/x", HttpStatusCode.BadRequest, "UserError")]
    [InlineData("/onlineEndpoints/churn", HttpStatusCode.BadRequest, "InvalidRequestContent")]
    public async Task An_invalid_body_or_path_is_rejected(string path, HttpStatusCode status, string code)
    {
        await using var simulator = await StartAsync();
        var body = path.EndsWith("churn", StringComparison.Ordinal) ? """{"location":"westeurope"}""" : Bodies.Deployment();

        using var response = await simulator.PutAsync(Workspace + path, body);

        Assert.Equal(status, response.StatusCode);
        Assert.Equal(code, (string?)(await response.JsonAsync())["error"]?["code"]);
    }

    [Fact]
    public async Task Keys_token_logs_and_scores_are_available()
    {
        await using var simulator = await StartAsync();
        await DeployAsync(simulator);

        using var keys = await simulator.PostAsync(Endpoint + "/listKeys");
        using var token = await simulator.PostAsync(Endpoint + "/token");
        using var logs = await simulator.PostAsync(Blue + "/getLogs", """{"tail":1}""");
        simulator.Client.DefaultRequestHeaders.Authorization = new("Bearer", (string?)(await keys.JsonAsync())["primaryKey"]);
        using var noDeployment = await simulator.PostAsync("/score/churn", "{}");
        simulator.Client.DefaultRequestHeaders.Add("azureml-model-deployment", "blue");
        using var score = await simulator.PostAsync("/score/churn", """{"x":1}""");

        Assert.NotNull((await keys.JsonAsync())["primaryKey"]);
        Assert.Equal("Bearer", (string?)(await token.JsonAsync())["tokenType"]);
        Assert.Equal("State Succeeded", (string?)(await logs.JsonAsync())["content"]);
        Assert.Equal(HttpStatusCode.NotFound, noDeployment.StatusCode);
        Assert.Equal("blue", (string?)(await score.JsonAsync())["deployment"]);
    }
}
