using System.Net;
using System.Text.Json.Nodes;

using static MLEvents.Local.Simulator.Tests.RunningSimulator;

namespace MLEvents.Local.Simulator.Tests;

/// <summary>Answers have the members of the official examples.</summary>
public sealed class ShapeTests
{
    private const string Endpoint = Workspace + "/onlineEndpoints/churn";

    [Theory]
    [InlineData("Job_PipelineJob", "jobs/one")]
    [InlineData("Job_CommandJob", "jobs/one")]
    [InlineData("Workspace_ModelVersion", "models/churn/versions/1")]
    public async Task An_official_request_is_answered_with_the_official_members(string example, string resource)
    {
        var put = Reference.Read($"arm/machinelearning/{example}_createOrUpdate.json");
        var get = Reference.Read($"arm/machinelearning/{example}_get.json");
        await using var simulator = await StartAsync();

        using var response = await simulator.PutAsync($"{Workspace}/{resource}", put["parameters"]?["body"]?.ToJsonString() ?? "");

        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        Assert.Empty(put["responses"]?["201"]?["body"].MissingFrom(await response.JsonAsync()) ?? ["no example"]);
        Assert.Empty(get["responses"]?["200"]?["body"].MissingFrom(await simulator.ReadAsync($"{Workspace}/{resource}")) ?? ["no example"]);
    }

    [Fact]
    public async Task An_endpoint_and_its_deployment_have_the_official_members()
    {
        var endpoint = Reference.Read("arm/machinelearning/Workspace_OnlineEndpoint_createOrUpdate.json");
        var deployment = Reference.Read("arm/machinelearning/OnlineDeployment_ManagedOnlineDeployment_createOrUpdate.json");
        await using var simulator = await StartAsync();
        var body = endpoint["parameters"]?["body"]?.AsObject() ?? [];
        body["properties"]?.AsObject().Remove("traffic");

        await simulator.PutAsync(Endpoint, body.ToJsonString());
        using var created = await simulator.PutAsync(Endpoint + "/deployments/blue", deployment["parameters"]?["body"]?.ToJsonString() ?? "");
        var found = await simulator.UntilAsync(Endpoint, Succeeded);

        Assert.Empty(endpoint["responses"]?["200"]?["body"].MissingFrom(found) ?? ["no example"]);
        Assert.Empty(deployment["responses"]?["201"]?["body"].MissingFrom(await created.JsonAsync()) ?? ["no example"]);
    }

    [Fact]
    public async Task A_factory_run_has_the_official_members()
    {
        var start = Reference.Read("arm/datafactory/Pipelines_CreateRun.json");
        var get = Reference.Read("arm/datafactory/PipelineRuns_Get.json");
        await using var simulator = await StartAsync();

        using var response = await simulator.PostAsync(Factory + "/pipelines/retrain/createRun", start["parameters"]?["parameters"]?.ToJsonString());
        var started = await response.JsonAsync();
        var run = await simulator.ReadAsync($"{Factory}/pipelineruns/{(string?)started["runId"]}");

        Assert.Empty(start["responses"]?["200"]?["body"].MissingFrom(started) ?? ["no example"]);
        Assert.Empty(get["responses"]?["200"]?["body"].MissingFrom(run) ?? ["no example"]);
        Assert.Equal("""["exampleoutput.csv"]""", (string?)run["parameters"]?["OutputBlobNameList"]);
    }

    [Fact]
    public async Task An_event_subscription_has_the_official_members()
    {
        var put = Reference.Read("arm/eventgrid/EventSubscriptions_CreateOrUpdateForResource.json");
        var get = Reference.Read("arm/eventgrid/EventSubscriptions_GetForResource.json");
        await using var simulator = await StartAsync();
        await using var webhook = await FakeWebhook.StartAsync();

        var found = await webhook.SubscribeAsync(simulator, ""","labels":["label1"],"filter":{"isSubjectCaseSensitive":false,"subjectBeginsWith":"ExamplePrefix","subjectEndsWith":"ExampleSuffix"}""");

        Assert.Empty(put["responses"]?["201"]?["body"].MissingFrom(found) ?? ["no example"]);
        get["responses"]?["200"]?["body"]?["properties"]?["destination"]?["properties"]?.AsObject().Remove("resourceId");
        Assert.Empty(get["responses"]?["200"]?["body"].MissingFrom(found) ?? ["no example"]);
    }

    private static bool Succeeded(JsonNode resource) => (string?)resource["properties"]?["provisioningState"] == "Succeeded";
}
