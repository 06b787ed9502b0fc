using System.Net;
using System.Text.Json.Nodes;

using static MLEvents.Local.Simulator.Tests.RunningSimulator;

namespace MLEvents.Local.Simulator.Tests;

/// <summary>Batch endpoints, their deployments, and the jobs that invocations create.</summary>
public sealed class BatchEndpointsTests
{
    private const string Endpoint = Workspace + "/batchEndpoints/scores";
    private const string Seeded = "/batch/churn-training/jobs";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_endpoint_and_its_deployment_have_the_official_members()
    {
        var endpoint = Reference.Read("arm/machinelearning/Workspace_BatchEndpoint_createOrUpdate.json");
        var deployment = Reference.Read("arm/machinelearning/Workspace_BatchDeployment_createOrUpdate.json");
        await using var simulator = await StartAsync();
        var body = endpoint["parameters"]?["body"]?.AsObject() ?? [];
        body["properties"]?.AsObject()["authMode"] = "AADToken";

        using var put = await simulator.PutAsync(Endpoint, body.ToJsonString());
        using var created = await simulator.PutAsync(Endpoint + "/deployments/blue", deployment["parameters"]?["body"]?.ToJsonString() ?? "");
        var found = await simulator.UntilAsync(Endpoint, Succeeded);
        var deployed = await simulator.UntilAsync(Endpoint + "/deployments/blue", Succeeded);

        Assert.Equal((HttpStatusCode.Created, HttpStatusCode.Created), (put.StatusCode, created.StatusCode));
        Assert.Empty(endpoint["responses"]?["200"]?["body"].MissingFrom(found) ?? ["no example"]);
        Assert.Empty(deployment["responses"]?["201"]?["body"].MissingFrom(deployed) ?? ["no example"]);
    }

    [Fact]
    public async Task Endpoints_and_deployments_are_listed_patched_and_deleted()
    {
        await using var simulator = await StartAsync();

        using var patched = await simulator.SendAsync(HttpMethod.Patch, $"{Workspace}/batchEndpoints/churn-training/deployments/default", """{"tags":{"a":"b"}}""");
        using var tagged = await simulator.SendAsync(HttpMethod.Patch, $"{Workspace}/batchEndpoints/churn-training", """{"tags":{"c":"d"}}""");
        var endpoints = await simulator.ReadAsync($"{Workspace}/batchEndpoints");
        var deployments = await simulator.ReadAsync($"{Workspace}/batchEndpoints/churn-training/deployments");
        using var removed = await simulator.DeleteAsync($"{Workspace}/batchEndpoints/churn-training/deployments/default");
        using var missing = await simulator.DeleteAsync($"{Workspace}/batchEndpoints/no-such");
        using var endpoint = await simulator.DeleteAsync($"{Workspace}/batchEndpoints/churn-training");

        Assert.Equal("d", (string?)endpoints["value"]?[0]?["tags"]?["c"]);
        Assert.Equal(("b", "PipelineComponent"), ((string?)deployments["value"]?[0]?["tags"]?["a"], (string?)deployments["value"]?[0]?["properties"]?["deploymentConfiguration"]?["deploymentConfigurationType"]));
        Assert.Equal(
            (HttpStatusCode.Accepted, HttpStatusCode.NoContent, HttpStatusCode.Accepted), (removed.StatusCode, missing.StatusCode, endpoint.StatusCode));
    }

    [Fact]
    public async Task An_invocation_creates_a_job_with_its_inputs_outputs_and_experiment_but_not_its_name_and_tags()
    {
        await using var simulator = await StartAsync();

        using var response = await simulator.PostAsync(Seeded, """
            { "properties": { "name": "mine", "tags": { "a": "b" },
              "InputData": { "monitor": { "JobInputType": "Literal", "Value": "m" }, "raw": { "JobInputType": "UriFolder", "Uri": "azureml:x" } },
              "OutputData": { "model": { "JobOutputType": "UriFolder", "Uri": "azureml:y" } }, "properties": { "experimentName": "e" } } }
            """);
        var created = await response.JsonAsync();
        var name = (string?)created["name"];
        var job = await simulator.UntilAsync($"{Workspace}/jobs/{name}", found => (string?)found["properties"]?["status"] == "Completed");
        var read = await simulator.ReadAsync($"{Seeded}/{name}");

        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        Assert.True(Guid.TryParse(name, out _));
        Assert.Equal(("Pipeline", "e", "Completed"), ((string?)job["properties"]?["jobType"], (string?)job["properties"]?["experimentName"], (string?)read["properties"]?["status"]));
        Assert.Equal("""{"monitor":{"jobInputType":"literal","value":"m"},"raw":{"jobInputType":"uri_folder","uri":"azureml:x"}}""", job["properties"]?["inputs"]?.ToJsonString());
        Assert.Equal(("uri_folder", "azureml:y"), ((string?)job["properties"]?["outputs"]?["model"]?["jobOutputType"], (string?)job["properties"]?["outputs"]?["model"]?["uri"]));
        Assert.Equal("{}", job["properties"]?["tags"]?.ToJsonString());
    }

    [Fact]
    public async Task With_the_setting_BatchJobsKeepNames_a_job_has_the_name_tags_and_properties_of_its_invocation()
    {
        await using var simulator = await StartAsync(("BatchJobsKeepNames", "true"));

        using var response = await simulator.PostAsync(Seeded, """{ "properties": { "name": "mine", "tags": { "a": "b" }, "properties": { "mlevents.run": "r" } } }""");

        var job = (await simulator.ReadAsync($"{Workspace}/jobs/mine"))["properties"];
        Assert.Equal(("b", "r", "churn-training"), ((string?)job?["tags"]?["a"], (string?)job?["properties"]?["mlevents.run"], (string?)job?["experimentName"]));
    }

    [Theory]
    [InlineData("/batch/no-such/jobs", "{}", HttpStatusCode.NotFound)]
    [InlineData(Seeded, "{}", HttpStatusCode.BadRequest)]
    [InlineData(Seeded, "[]", HttpStatusCode.BadRequest)]
    [InlineData(Seeded, """{ "properties": { "InputData": { "a": { "JobInputType": "Colour" } } } }""", HttpStatusCode.BadRequest)]
    [InlineData(Seeded, """{ "properties": { "InputData": { "a": { "JobInputType": "Literal", "jobInputType": "Literal", "Value": "x" } } } }""", HttpStatusCode.BadRequest)]
    [InlineData(Seeded, """{ "properties": { "InputData": { "a": { "": "x" } } } }""", HttpStatusCode.BadRequest)]
    public async Task An_invalid_invocation_is_rejected(string path, string body, HttpStatusCode expected)
    {
        await using var simulator = await StartAsync();

        using var response = await simulator.PostAsync(path, body);

        Assert.Equal(expected, response.StatusCode);
    }

    [Fact]
    public async Task An_invocation_is_rejected_if_its_header_names_an_unknown_deployment()
    {
        await using var simulator = await StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Post, Seeded) { Content = new StringContent("""{ "properties": {} }""") };
        request.Headers.Add("azureml-model-deployment", "blue");

        using var response = await simulator.Client.SendAsync(request, Token);

        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
    }

    [Theory]
    [InlineData("""{ "properties": {} }""", HttpStatusCode.BadRequest)]
    [InlineData("""{ "properties": { "InputData": { "a": { "JobInputType": "Literal", "Value": "x" } } } }""", HttpStatusCode.BadRequest)]
    [InlineData("""{ "properties": { "InputData": { "a": { "JobInputType": "UriFile", "Uri": "x" } } } }""", HttpStatusCode.Created)]
    public async Task An_invocation_of_a_model_deployment_must_have_one_data_input(string invocation, HttpStatusCode expected)
    {
        await using var simulator = await StartAsync();
        using var endpoint = await simulator.PutAsync(Endpoint, """{"location":"westeurope","properties":{"authMode":"aadToken","defaults":{"deploymentName":"model"}}}""");
        using var deployment = await simulator.PutAsync(Endpoint + "/deployments/model", """{"location":"westeurope","properties":{"model":{"referenceType":"Id","assetId":"x"}}}""");
        await simulator.UntilAsync(Endpoint + "/deployments/model", Succeeded);

        using var response = await simulator.PostAsync("/batch/scores/jobs", invocation);

        Assert.Equal(expected, response.StatusCode);
    }

    [Theory]
    [InlineData("scores", """{"location":"westeurope","properties":{"authMode":"Key"}}""", HttpStatusCode.BadRequest)]
    [InlineData("scores/deployments/blue", """{"location":"westeurope","properties":{}}""", HttpStatusCode.BadRequest)]
    [InlineData("scores/deployments/blue", """{"location":"westeurope","properties":{"model":{}}}""", HttpStatusCode.NotFound)]
    public async Task A_resource_that_azure_refuses_is_rejected(string resource, string body, HttpStatusCode expected)
    {
        await using var simulator = await StartAsync();

        using var response = await simulator.PutAsync($"{Workspace}/batchEndpoints/{resource}", body);

        Assert.Equal(expected, response.StatusCode);
    }

    [Fact]
    public async Task A_caller_without_a_token_is_refused()
    {
        await using var simulator = await StartAsync();
        simulator.Client.DefaultRequestHeaders.Authorization = null;

        using var response = await simulator.PostAsync(Seeded, """{ "properties": {} }""");

        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
    }

    private static bool Succeeded(JsonNode resource) => (string?)resource["properties"]?["provisioningState"] == "Succeeded";
}
