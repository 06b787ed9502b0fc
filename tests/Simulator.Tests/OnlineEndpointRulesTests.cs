using System.Net;

using static MLEvents.Local.Simulator.Tests.ChurnEndpoint;
using static MLEvents.Local.Simulator.Tests.RunningSimulator;

namespace MLEvents.Local.Simulator.Tests;

public sealed class OnlineEndpointRulesTests
{
    [Fact]
    public async Task The_location_of_an_endpoint_or_deployment_cannot_change()
    {
        await using var simulator = await StartAsync();
        await DeployAsync(simulator);

        using var endpoint = await simulator.PutAsync(Endpoint, Bodies.Endpoint.Replace("westeurope", "eastus", StringComparison.Ordinal));
        using var deployment = await simulator.PutAsync(Blue, Bodies.Deployment().Replace("westeurope", "eastus", StringComparison.Ordinal));
        using var sameRegion = await simulator.PutAsync(Endpoint, Bodies.Endpoint.Replace("westeurope", "West Europe", StringComparison.Ordinal));

        Assert.Equal("InvalidResourceLocation", await CodeAsync(endpoint));
        Assert.Equal("InvalidResourceLocation", await CodeAsync(deployment));
        Assert.Equal(HttpStatusCode.OK, sameRegion.StatusCode);
    }

    [Theory]
    [InlineData("""{"green":10}""")]
    [InlineData("""{"blue":51}""")]
    [InlineData("""{"blue":-1}""")]
    [InlineData("""{"blue":10,"red":10}""")]
    public async Task Invalid_mirror_traffic_is_rejected(string mirror)
    {
        await using var simulator = await StartAsync();
        await DeployAsync(simulator);

        using var response = await simulator.PutAsync(Endpoint, $$$"""{"location":"westeurope","properties":{"authMode":"Key","mirrorTraffic":{{{mirror}}}}}""");

        Assert.Equal("UserError", await CodeAsync(response));
    }

    [Fact]
    public async Task A_deployment_cannot_receive_live_and_mirror_traffic()
    {
        await using var simulator = await StartAsync();
        await DeployAsync(simulator);

        using var response = await simulator.PutAsync(Endpoint, """{"location":"westeurope","properties":{"authMode":"Key","traffic":{"blue":100},"mirrorTraffic":{"blue":10}}}""");

        Assert.Equal("UserError", await CodeAsync(response));
    }

    [Fact]
    public async Task Valid_mirror_traffic_is_stored()
    {
        await using var simulator = await StartAsync();
        await DeployAsync(simulator);

        using var response = await simulator.PutAsync(Endpoint, """{"location":"westeurope","properties":{"authMode":"Key","mirrorTraffic":{"blue":10}}}""");

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        await simulator.UntilAsync(Endpoint, found => (int?)found["properties"]?["mirrorTraffic"]?["blue"] == 10);
    }

    [Theory]
    [InlineData("blue", """{"endpointComputeType":"Managed","instanceType":"Standard_DS3_v2"}""", "properties.model")]
    [InlineData("blue", """{"endpointComputeType":"Managed","model":"azureml:churn:1"}""", "properties.instanceType")]
    [InlineData("blue", """{"endpointComputeType":"Other","instanceType":"x","model":"azureml:churn:1"}""", "properties.endpointComputeType")]
    [InlineData("1blue", """{"endpointComputeType":"Managed","instanceType":"x","model":"azureml:churn:1"}""", "name")]
    [InlineData("b_lue", """{"endpointComputeType":"Managed","instanceType":"x","model":"azureml:churn:1"}""", "name")]
    public async Task An_invalid_deployment_is_rejected_at_once(string name, string properties, string target)
    {
        await using var simulator = await StartAsync();
        await simulator.PutAsync(Endpoint, Bodies.Endpoint);

        using var response = await simulator.PutAsync($"{Endpoint}/deployments/{name}", $$"""{"location":"westeurope","properties":{{properties}}}""");

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal(target, (string?)(await response.JsonAsync())["error"]?["target"]);
    }

    [Fact]
    public async Task A_deployment_without_scale_settings_has_the_default_and_its_skus_are_listed()
    {
        await using var simulator = await StartAsync();
        await DeployAsync(simulator);

        var deployment = await simulator.ReadAsync(Blue);
        var skus = await simulator.ReadAsync(Blue + "/skus");

        Assert.Equal("""{"scaleType":"Default"}""", deployment["properties"]?["scaleSettings"]?.ToJsonString());
        Assert.Equal("Default", (string?)skus["value"]?[0]?["sku"]?["name"]);
        Assert.Equal(1, (int?)skus["value"]?[0]?["capacity"]?["minimum"]);
    }

    [Fact]
    public async Task A_PATCH_of_the_capacity_keeps_the_other_members_of_the_sku()
    {
        await using var simulator = await StartAsync();
        await DeployAsync(simulator);

        using var patched = await simulator.SendAsync(HttpMethod.Patch, Blue, """{"sku":{"capacity":3}}""");
        var sku = (await simulator.ReadAsync(Blue))["sku"];

        Assert.True(patched.IsSuccessStatusCode);
        Assert.Equal("Default", (string?)sku?["name"]);
        Assert.Equal(3, (int?)sku?["capacity"]);
    }

    [Fact]
    public async Task A_regenerated_key_replaces_only_the_requested_key()
    {
        await using var simulator = await StartAsync();
        await DeployAsync(simulator);
        using var before = await simulator.PostAsync(Endpoint + "/listKeys");
        var old = await before.JsonAsync();

        using var primary = await simulator.PostAsync(Endpoint + "/regenerateKeys", """{"keyType":"Primary"}""");
        using var secondary = await simulator.PostAsync(Endpoint + "/regenerateKeys", """{"keyType":"Secondary","keyValue":"chosen"}""");
        using var invalid = await simulator.PostAsync(Endpoint + "/regenerateKeys", """{"keyType":"Third"}""");
        using var after = await simulator.PostAsync(Endpoint + "/listKeys");
        var current = await after.JsonAsync();

        Assert.Equal(HttpStatusCode.Accepted, primary.StatusCode);
        Assert.NotNull(secondary.Headers.Location);
        Assert.Equal(HttpStatusCode.BadRequest, invalid.StatusCode);
        Assert.NotEqual((string?)old["primaryKey"], (string?)current["primaryKey"]);
        Assert.Equal("chosen", (string?)current["secondaryKey"]);
    }

    private static async Task<string?> CodeAsync(HttpResponseMessage response) => (string?)(await response.JsonAsync())["error"]?["code"];
}
