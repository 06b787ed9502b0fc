using System.Net;

using static MLEvents.Local.Simulator.Tests.RunningSimulator;

namespace MLEvents.Local.Simulator.Tests;

public sealed class DataFactoryTests
{
    private const string CreateRun = Factory + "/pipelines/retrain/createRun";

    [Fact]
    public async Task Every_POST_starts_a_new_run()
    {
        await using var simulator = await StartAsync();

        var first = await RunAsync(simulator, """{"event":"e-1"}""");
        var second = await RunAsync(simulator, """{"event":"e-1"}""");
        var run = await simulator.UntilAsync($"{Factory}/pipelineruns/{first}", found => (string?)found["status"] == "Succeeded");

        Assert.NotEqual(first, second);
        Assert.NotNull(run["runEnd"]);
    }

    [Fact]
    public async Task Parameters_are_returned_as_strings()
    {
        await using var simulator = await StartAsync();

        var id = await RunAsync(simulator, """{"text":"a","number":5,"list":[1,"b"]}""");
        var parameters = (await simulator.ReadAsync($"{Factory}/pipelineruns/{id}"))["parameters"];

        Assert.Equal("a", (string?)parameters?["text"]);
        Assert.Equal("5", (string?)parameters?["number"]);
        Assert.Equal("""[1,"b"]""", (string?)parameters?["list"]);
    }

    [Theory]
    [InlineData("""{"operand":"PipelineName","operator":"Equals","values":["retrain"]}""", 1)]
    [InlineData("""{"operand":"PipelineName","operator":"NotEquals","values":["retrain"]}""", 0)]
    [InlineData("""{"operand":"RunStart","operator":"GreaterThan","values":["2001-01-01T00:00:00Z"]}""", 1)]
    [InlineData("""{"operand":"RunStart","operator":"LessThan","values":["2001-01-01T00:00:00Z"]}""", 0)]
    [InlineData("""{"operand":"Status","operator":"In","values":["Queued","InProgress","Succeeded"]}""", 1)]
    public async Task Runs_are_found_by_filters(string filter, int count)
    {
        await using var simulator = await StartAsync();
        await RunAsync(simulator, "{}");

        using var response = await simulator.PostAsync(
            Factory + "/queryPipelineRuns", $$"""{"lastUpdatedAfter":"2001-01-01T00:00:00Z","lastUpdatedBefore":"2199-01-01T00:00:00Z","filters":[{{filter}}]}""");

        Assert.Equal(count, (await response.JsonAsync())["value"]?.AsArray().Count);
    }

    [Theory]
    [InlineData("""{"lastUpdatedBefore":"2199-01-01T00:00:00Z"}""")]
    [InlineData("""{"lastUpdatedAfter":"2001-01-01","lastUpdatedBefore":"2199-01-01","filters":[{"operand":"Colour"}]}""")]
    [InlineData("""{"lastUpdatedAfter":"2001-01-01","lastUpdatedBefore":"2199-01-01","filters":[{"operand":"Status","operator":"Like"}]}""")]
    [InlineData("""{"lastUpdatedAfter":"2001-01-01","lastUpdatedBefore":"2199-01-01","filters":[{"operand":"RunStart","operator":"GreaterThan","values":["yesterday"]}]}""")]
    [InlineData("""{"lastUpdatedAfter":"2001-01-01","lastUpdatedBefore":"2199-01-01","filters":[{"operand":"RunEnd","operator":"LessThan"}]}""")]
    [InlineData("""{"lastUpdatedAfter":"2001-01-01","lastUpdatedBefore":"2199-01-01","filters":[{"operand":"Status","operator":"GreaterThan","values":["2001-01-01"]}]}""")]
    public async Task An_invalid_query_is_rejected(string query)
    {
        await using var simulator = await StartAsync();

        using var response = await simulator.PostAsync(Factory + "/queryPipelineRuns", query);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
    }

    [Fact]
    public async Task A_run_can_be_cancelled_only_once()
    {
        await using var simulator = await StartAsync(("Clock:FactoryRun", "00:01:00"));
        var id = await RunAsync(simulator, "{}");

        using var cancelled = await simulator.PostAsync($"{Factory}/pipelineruns/{id}/cancel");
        using var again = await simulator.PostAsync($"{Factory}/pipelineruns/{id}/cancel");
        using var activities = await simulator.PostAsync($"{Factory}/pipelineruns/{id}/queryActivityruns", """{"lastUpdatedAfter":"2001-01-01T00:00:00Z","lastUpdatedBefore":"2199-01-01T00:00:00Z"}""");

        Assert.Equal(HttpStatusCode.OK, cancelled.StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, again.StatusCode);
        Assert.Equal("Cancelled", (string?)(await activities.JsonAsync())["value"]?[0]?["status"]);
    }

    [Fact]
    public async Task Pipelines_are_seeded_and_added_and_an_unknown_pipeline_does_not_run()
    {
        await using var simulator = await StartAsync();

        await simulator.PutAsync(Factory + "/pipelines/new", "{}");
        var list = await simulator.ReadAsync(Factory + "/pipelines");
        using var unknown = await simulator.PostAsync(Factory + "/pipelines/none/createRun", "{}");
        using var norun = await simulator.GetAsync(Factory + "/pipelineruns/none");

        Assert.Equal(["retrain", "churn-retrain", "new"], (list["value"]?.AsArray() ?? []).Select(pipeline => (string?)pipeline?["name"]));
        Assert.Equal(HttpStatusCode.NotFound, unknown.StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, norun.StatusCode);
    }

    private static async Task<string?> RunAsync(RunningSimulator simulator, string parameters)
    {
        using var response = await simulator.PostAsync(CreateRun, parameters);
        return (string?)(await response.JsonAsync())["runId"];
    }
}
