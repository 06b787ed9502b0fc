using System.Net;

using static MLEvents.Local.Simulator.Tests.ChurnEndpoint;
using static MLEvents.Local.Simulator.Tests.RunningSimulator;

namespace MLEvents.Local.Simulator.Tests;

/// <summary>Azure Monitor's autoscale settings of online deployments.</summary>
public sealed class AutoscaleTests
{
    private const string Settings = Group + "/providers/Microsoft.Insights/autoscaleSettings";
    private const string Version = "?api-version=2022-10-01";

    [Fact]
    public async Task A_setting_is_created_replaced_listed_and_deleted()
    {
        await using var simulator = await StartAsync();
        await DeployAsync(simulator);

        using var created = await simulator.PutAsync($"{Settings}/blue-cpu{Version}", Setting());
        using var replaced = await simulator.PutAsync($"{Settings.ToUpperInvariant()}/BLUE-CPU{Version}", Setting(capacity: """{"minimum":"2","maximum":"9","default":"2"}"""));
        var read = await simulator.ReadAsync($"{Settings}/blue-cpu{Version}");
        var list = await simulator.ReadAsync($"{Settings}{Version}");
        using var deleted = await simulator.DeleteAsync($"{Settings}/blue-cpu{Version}");
        using var again = await simulator.DeleteAsync($"{Settings}/blue-cpu{Version}");
        using var missing = await simulator.GetAsync($"{Settings}/blue-cpu{Version}");

        Assert.Equal([HttpStatusCode.Created, HttpStatusCode.OK, HttpStatusCode.OK, HttpStatusCode.NoContent, HttpStatusCode.NotFound], [created.StatusCode, replaced.StatusCode, deleted.StatusCode, again.StatusCode, missing.StatusCode]);
        Assert.Equal(("9", "blue-cpu", "r"), ((string?)read["properties"]?["profiles"]?[0]?["capacity"]?["maximum"], (string?)read["properties"]?["name"], (string?)read["tags"]?["rule"]));
        Assert.Equal("blue-cpu", (string?)Assert.Single(list["value"]?.AsArray() ?? [])?["name"]);
    }

    [Fact]
    public async Task The_deletion_of_a_deployment_does_not_delete_its_setting()
    {
        await using var simulator = await StartAsync();
        await DeployAsync(simulator);
        await simulator.PutAsync($"{Settings}/blue-cpu{Version}", Setting());

        await simulator.DeleteAsync(Endpoint);
        for (var found = true; found;)
        {
            using var endpoint = await simulator.GetAsync(Endpoint);
            found = endpoint.StatusCode != HttpStatusCode.NotFound;
        }

        using var read = await simulator.GetAsync($"{Settings}/blue-cpu{Version}");
        Assert.Equal(HttpStatusCode.OK, read.StatusCode);
    }

    [Theory]
    [InlineData("capacity", """{"minimum":"3","maximum":"2","default":"3"}""")]
    [InlineData("capacity", """{"minimum":"2","maximum":"5","default":"1"}""")]
    [InlineData("capacity", """{"minimum":2,"maximum":5,"default":2}""")]
    [InlineData("target", Endpoint + "/deployments/green")]
    [InlineData("target", Workspace)]
    [InlineData("metric", "Percentage CPU")]
    [InlineData("operator", "Above")]
    [InlineData("timeWindow", "PT1M")]
    [InlineData("cooldown", "soon")]
    [InlineData("cooldown", "P99999999999D")]
    [InlineData("value", "0")]
    public async Task A_setting_that_azure_rejects_is_rejected(string part, string value)
    {
        await using var simulator = await StartAsync();
        await DeployAsync(simulator);
        var body = part switch
        {
            "capacity" => Setting(capacity: value),
            "target" => Setting(target: value),
            "metric" => Setting(metric: value),
            "operator" => Setting().Replace("GreaterThan", value, StringComparison.Ordinal),
            "timeWindow" => Setting().Replace("PT5M", value, StringComparison.Ordinal),
            "cooldown" => Setting().Replace("PT7M", value, StringComparison.Ordinal),
            _ => Setting().Replace("\"value\":\"1\"", $"\"value\":\"{value}\"", StringComparison.Ordinal),
        };

        using var response = await simulator.PutAsync($"{Settings}/blue-cpu{Version}", body);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.NotNull((string?)(await response.JsonAsync())["error"]?["target"]);
    }

    private static string Setting(string capacity = """{"minimum":"1","maximum":"5","default":"1"}""", string target = Blue, string metric = "CpuUtilizationPercentage") => $$$"""
        {"location":"westeurope","tags":{"rule":"r"},"properties":{"enabled":true,"targetResourceUri":"{{{target}}}","profiles":[{"name":"default","capacity":{{{capacity}}},"rules":[{
          "metricTrigger":{"metricName":"{{{metric}}}","metricResourceUri":"{{{Blue}}}","timeGrain":"PT1M","statistic":"Average","timeWindow":"PT5M","timeAggregation":"Average","operator":"GreaterThan","threshold":70},
          "scaleAction":{"direction":"Increase","type":"ChangeCount","value":"1","cooldown":"PT7M"}}]}]}}
        """;
}
