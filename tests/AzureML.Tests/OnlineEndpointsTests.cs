using System.Text.Json;
using System.Text.Json.Nodes;

using MLEvents.AzureML.Endpoints;
using MLEvents.AzureML.Errors;

namespace MLEvents.AzureML.Tests;

public sealed class OnlineEndpointsTests
{
    private static readonly string Path = $"{AzureClient.Workspace}/onlineEndpoints/churn";

    private static readonly string Existing = $$"""
        {
          "id": "{{Path}}",
          "name": "churn",
          "type": "Microsoft.MachineLearningServices/workspaces/onlineEndpoints",
          "location": "westeurope",
          "kind": "Managed",
          "identity": { "type": "SystemAssigned", "principalId": "00000000-1111-2222-3333-444444444444" },
          "tags": { "team": "growth" },
          "properties": {
            "authMode": "Key", "provisioningState": "Succeeded", "scoringUri": "https://churn.westeurope.inference.ml.azure.com/score",
            "traffic": { "blue": 100 }, "mirrorTraffic": { "green": 10 }, "publicNetworkAccess": "Disabled", "somethingNew": [1, 2]
          },
          "alsoNew": true
        }
        """;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Known_and_unknown_members_of_an_endpoint_are_read()
    {
        await using var arm = await FakeArm.StartAsync();
        arm.On("GET", Path, new FakeAnswer(200, Existing));
        using var azure = AzureClient.For(arm);

        var endpoint = await azure.Endpoints.GetAsync(AzureClient.Workspace, "churn", Token);

        Assert.NotNull(endpoint);
        Assert.Equal(("churn", "Succeeded", "westeurope", "Key"), (endpoint.Name, endpoint.ProvisioningState, endpoint.Location, endpoint.AuthMode));
        Assert.Equal(100, endpoint.Traffic["blue"]);
        Assert.Equal("churn.westeurope.inference.ml.azure.com", endpoint.ScoringUri?.Host);
        Assert.Equal("growth", endpoint.Tags["team"]);
        Assert.True(endpoint.Raw["alsoNew"]?.GetValue<bool>());
    }

    [Fact]
    public async Task An_endpoint_that_does_not_exist_is_null()
    {
        await using var arm = await FakeArm.StartAsync();
        using var azure = AzureClient.For(arm);

        Assert.Null(await azure.Endpoints.GetAsync(AzureClient.Workspace, "churn", Token));
    }

    [Fact]
    public async Task Creating_an_endpoint_sends_its_specification_and_does_not_wait_until_the_endpoint_exists()
    {
        await using var arm = await FakeArm.StartAsync();
        arm.On("PUT", Path, new FakeAnswer(201, Existing.Replace("Succeeded", "Creating", StringComparison.Ordinal), ("Azure-AsyncOperation", $"{arm.Address}operations/1"), ("Retry-After", "30")));
        using var azure = AzureClient.For(arm);

        await azure.Endpoints.BeginCreateOrUpdateAsync(
            AzureClient.Workspace, "churn", new OnlineEndpointSpec("westeurope", Tags: new Dictionary<string, string> { ["by"] = "mlevents" }, Description: "Churn."), Token);

        var put = arm.Calls[^1];
        Assert.Equal(("PUT", "?api-version=2024-04-01"), (put.Method, put.Query));
        Assert.Equal("westeurope", put.Json["location"]?.GetValue<string>());
        Assert.Equal("SystemAssigned", put.Json["identity"]?["type"]?.GetValue<string>());
        Assert.Equal("mlevents", put.Json["tags"]?["by"]?.GetValue<string>());
        Assert.Equal("""{"authMode":"Key","description":"Churn."}""", put.Json["properties"]?.ToJsonString());
    }

    [Fact]
    public async Task A_new_endpoint_has_the_identities_and_the_region_of_its_specification()
    {
        await using var arm = await FakeArm.StartAsync();
        arm.On("PUT", Path, new FakeAnswer(201, Existing));
        using var azure = AzureClient.For(arm);

        await azure.Endpoints.BeginCreateOrUpdateAsync(AzureClient.Workspace, "churn", new OnlineEndpointSpec("West Europe", Identities: ["/a/scorer", "/A/scorer"]), Token);

        Assert.Equal(
            """{"properties":{"authMode":"Key"},"identity":{"type":"UserAssigned","userAssignedIdentities":{"/a/scorer":{}}},"location":"westeurope"}""", arm.Calls[^1].Body);
    }

    [Theory]
    [InlineData("GET")]
    [InlineData("PUT")]
    public async Task A_redirect_is_not_followed_and_is_a_permanent_failure(string method)
    {
        await using var arm = await FakeArm.StartAsync();
        arm.On("GET", Path, FakeAnswer.Error(404, "ResourceNotFound"));
        arm.On(method, Path, new FakeAnswer(302, null, ("Location", $"{arm.Address}elsewhere")));
        using var azure = AzureClient.For(arm);

        var exception = await Assert.ThrowsAsync<AzureException>(() => azure.Endpoints.BeginCreateOrUpdateAsync(AzureClient.Workspace, "churn", new OnlineEndpointSpec("westeurope"), Token));

        Assert.Equal((302, false), (exception.Status, exception.IsTransient));
        Assert.DoesNotContain(arm.Calls, call => call.Path == "/elsewhere");
    }

    [Fact]
    public async Task Updating_an_existing_endpoint_keeps_its_other_members()
    {
        await using var arm = await FakeArm.StartAsync();
        arm.On("GET", Path, new FakeAnswer(200, Existing));
        arm.On("PUT", Path, new FakeAnswer(200, Existing));
        using var azure = AzureClient.For(arm);

        await azure.Endpoints.BeginCreateOrUpdateAsync(AzureClient.Workspace, "churn", new OnlineEndpointSpec("westeurope", "AADToken"), Token);

        var expected = Parsed();
        Properties(expected)["authMode"] = "AADToken";
        AssertJson(expected, Assert.Single(arm.CallsOf("PUT")).Json);
    }

    [Fact]
    public async Task Setting_traffic_writes_the_whole_endpoint_with_no_other_change()
    {
        await using var arm = await FakeArm.StartAsync();
        arm.On("GET", Path, new FakeAnswer(200, Existing, ("ETag", "\"7\"")));
        arm.On("PUT", Path, new FakeAnswer(200, Existing));
        using var azure = AzureClient.For(arm);

        await azure.Endpoints.BeginSetTrafficAsync(AzureClient.Workspace, "churn", new Dictionary<string, int> { ["blue"] = 90, ["green"] = 10 }, Token);

        var put = Assert.Single(arm.CallsOf("PUT"));
        var expected = Parsed();
        Properties(expected)["traffic"] = new JsonObject { ["blue"] = 90, ["green"] = 10 };
        AssertJson(expected, put.Json);
        Assert.Equal("\"7\"", put.Headers.IfMatch.ToString());
    }

    [Fact]
    public async Task Without_an_ETag_traffic_is_written_unconditionally()
    {
        await using var arm = await FakeArm.StartAsync();
        arm.On("GET", Path, new FakeAnswer(200, Existing));
        arm.On("PUT", Path, new FakeAnswer(200, Existing));
        using var azure = AzureClient.For(arm);

        await azure.Endpoints.BeginSetTrafficAsync(AzureClient.Workspace, "churn", new Dictionary<string, int>(), Token);

        Assert.False(Assert.Single(arm.CallsOf("PUT")).Headers.ContainsKey("If-Match"));
    }

    [Fact]
    public async Task An_endpoint_that_changed_meanwhile_is_read_again_before_its_traffic_is_written()
    {
        await using var arm = await FakeArm.StartAsync();
        arm.On("GET", Path, new FakeAnswer(200, Existing, ("ETag", "\"7\"")), new FakeAnswer(200, Existing, ("ETag", "\"8\"")));
        arm.On("PUT", Path, FakeAnswer.Error(412, "PreconditionFailed"), new FakeAnswer(200, Existing));
        using var azure = AzureClient.For(arm);

        await azure.Endpoints.BeginSetTrafficAsync(AzureClient.Workspace, "churn", new Dictionary<string, int> { ["green"] = 100 }, Token);

        Assert.Equal(["\"7\"", "\"8\""], arm.CallsOf("PUT").Select(put => put.Headers.IfMatch.ToString()));
    }

    [Fact]
    public async Task Setting_traffic_of_an_endpoint_that_does_not_exist_is_an_error()
    {
        await using var arm = await FakeArm.StartAsync();
        using var azure = AzureClient.For(arm);

        var error = await Assert.ThrowsAsync<AzureException>(() => azure.Endpoints.BeginSetTrafficAsync(AzureClient.Workspace, "churn", new Dictionary<string, int> { ["blue"] = 100 }, Token));

        Assert.Equal((404, "ResourceNotFound", false), (error.Status, error.Code, error.IsTransient));
    }

    [Theory]
    [InlineData(50, 40)]
    [InlineData(-10, 110)]
    public async Task Invalid_percentages_are_refused_before_any_call(int blue, int green)
    {
        await using var arm = await FakeArm.StartAsync();
        using var azure = AzureClient.For(arm);

        await Assert.ThrowsAsync<ArgumentException>(() => azure.Endpoints.BeginSetTrafficAsync(
            AzureClient.Workspace, "churn", new Dictionary<string, int> { ["blue"] = blue, ["green"] = green }, Token));

        Assert.Empty(arm.Calls);
    }

    [Fact]
    public async Task Mirrored_traffic_is_set_and_removed_with_the_traffic_in_one_update()
    {
        await using var arm = await FakeArm.StartAsync();
        arm.On("GET", Path, new FakeAnswer(200, Existing));
        arm.On("PUT", Path, new FakeAnswer(200, Existing));
        using var azure = AzureClient.For(arm);
        var blue = new Dictionary<string, int> { ["blue"] = 100 };

        Assert.Equal(10, (await azure.Endpoints.GetAsync(AzureClient.Workspace, "churn", Token))?.MirrorTraffic["green"]);
        await azure.Endpoints.BeginSetTrafficAsync(AzureClient.Workspace, "churn", blue, new Dictionary<string, int> { ["green"] = 20 }, Token);
        await azure.Endpoints.BeginSetTrafficAsync(AzureClient.Workspace, "churn", blue, new Dictionary<string, int>(), Token);

        Assert.Equal(
            ["""{"blue":100} {"green":20}""", """{"blue":100} {}"""],
            arm.CallsOf("PUT").Select(put => $"{Properties(put.Json)["traffic"]?.ToJsonString()} {Properties(put.Json)["mirrorTraffic"]?.ToJsonString()}"));
    }

    [Theory]
    [InlineData("""{ "green": 60 }""")]
    [InlineData("""{ "green": 10, "red": 10 }""")]
    [InlineData("""{ "blue": 10 }""")]
    public async Task Mirrored_traffic_that_Azure_would_refuse_is_refused_before_any_call(string mirror)
    {
        await using var arm = await FakeArm.StartAsync();
        using var azure = AzureClient.For(arm);
        var copies = JsonSerializer.Deserialize<Dictionary<string, int>>(mirror) ?? [];

        await Assert.ThrowsAsync<ArgumentException>(() => azure.Endpoints.BeginSetTrafficAsync(
            AzureClient.Workspace, "churn", new Dictionary<string, int> { ["blue"] = 100 }, copies, Token));

        Assert.Empty(arm.Calls);
    }

    private static JsonObject Parsed() => JsonNode.Parse(Existing)?.AsObject() ?? [];

    private static JsonObject Properties(JsonObject endpoint) => endpoint["properties"]?.AsObject() ?? [];

    private static void AssertJson(JsonObject expected, JsonObject actual) =>
        Assert.True(JsonNode.DeepEquals(expected, actual), $"expected {expected.ToJsonString()}\nbut was  {actual.ToJsonString()}");
}
