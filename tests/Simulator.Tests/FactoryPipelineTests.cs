using System.Net;
using System.Text.Json.Nodes;

using static MLEvents.Local.Simulator.Tests.RunningSimulator;

namespace MLEvents.Local.Simulator.Tests;

public sealed class FactoryPipelineTests
{
    private const string Pipeline = Factory + "/pipelines/mine";
    private const string Window = "\"lastUpdatedAfter\":\"2001-01-01T00:00:00Z\",\"lastUpdatedBefore\":\"2199-01-01T00:00:00Z\"";

    [Fact]
    public async Task An_If_Match_header_must_contain_the_current_ETag_or_a_star()
    {
        await using var simulator = await StartAsync();

        using var created = await PutAsync(simulator, null);
        using var stale = await PutAsync(simulator, "\"other\"");
        using var updated = await PutAsync(simulator, created.Headers.ETag?.Tag);
        using var any = await PutAsync(simulator, "*");
        using var missing = await PutAsync(simulator, "*", Factory + "/pipelines/none");

        Assert.Equal((string?)(await created.JsonAsync())["etag"], created.Headers.ETag?.Tag.Trim('"'));
        Assert.Equal(HttpStatusCode.PreconditionFailed, stale.StatusCode);
        Assert.Equal(HttpStatusCode.OK, updated.StatusCode);
        Assert.NotEqual(created.Headers.ETag, updated.Headers.ETag);
        Assert.Equal(HttpStatusCode.OK, any.StatusCode);
        Assert.Equal(HttpStatusCode.PreconditionFailed, missing.StatusCode);
    }

    [Theory]
    [InlineData("/pipelines/retrain")]
    [InlineData("")]
    public async Task A_GET_with_the_current_ETag_is_answered_with_304(string path)
    {
        await using var simulator = await StartAsync();
        using var first = await simulator.GetAsync(Factory + path);
        using var request = new HttpRequestMessage(HttpMethod.Get, $"{Factory}{path}?api-version=2018-06-01");
        request.Headers.IfNoneMatch.Add(first.Headers.ETag ?? throw new InvalidOperationException("The answer has no ETag."));

        using var again = await simulator.Client.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.NotModified, again.StatusCode);
    }

    [Fact]
    public async Task A_pipeline_can_be_deleted_and_a_second_deletion_is_answered_with_204()
    {
        await using var simulator = await StartAsync();
        using var created = await PutAsync(simulator, null);

        using var deleted = await simulator.DeleteAsync(Pipeline);
        using var again = await simulator.DeleteAsync(Pipeline);
        using var found = await simulator.GetAsync(Pipeline);

        Assert.Equal(HttpStatusCode.OK, deleted.StatusCode);
        Assert.Equal(HttpStatusCode.NoContent, again.StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, found.StatusCode);
    }

    [Fact]
    public async Task A_run_has_the_declared_defaults_of_the_parameters_that_it_does_not_set()
    {
        await using var simulator = await StartAsync();
        await simulator.PutAsync(Pipeline, """{"properties":{"parameters":{"a":{"type":"String","defaultValue":"x"},"b":{"type":"Int","defaultValue":5},"c":{"type":"String"}}}}""");

        var run = await RunAsync(simulator, Pipeline, """{"a":"y"}""");
        var parameters = run["parameters"];

        Assert.Equal("y", (string?)parameters?["a"]);
        Assert.Equal("5", (string?)parameters?["b"]);
        Assert.False(parameters?.AsObject().ContainsKey("c"));
    }

    [Theory]
    [InlineData("ASC", "first")]
    [InlineData("DESC", "second")]
    public async Task Runs_are_sorted_in_the_requested_order(string order, string expected)
    {
        await using var simulator = await StartAsync();
        var first = await RunAsync(simulator, Factory + "/pipelines/retrain", "{}");
        var second = await RunAsync(simulator, Factory + "/pipelines/retrain", "{}");

        var runs = await QueryAsync(simulator, $$"""{ {{Window}},"orderBy":[{"orderBy":"RunStart","order":"{{order}}"}]}""");

        Assert.Equal(expected == "first" ? (string?)first["runId"] : (string?)second["runId"], (string?)runs[0]?["runId"]);
    }

    [Theory]
    [InlineData("TriggerName", "Manual", 1)]
    [InlineData("TriggerName", "Nightly", 0)]
    [InlineData("ActivityName", "Simulated", 1)]
    [InlineData("ActivityName", "Other", 0)]
    [InlineData("LatestOnly", "true", 1)]
    [InlineData("LatestOnly", "false", 1)]
    public async Task Runs_are_filtered_by_TriggerName_ActivityName_and_LatestOnly(string operand, string value, int count)
    {
        await using var simulator = await StartAsync();
        await RunAsync(simulator, Factory + "/pipelines/retrain", "{}");

        var runs = await QueryAsync(simulator, $$"""{ {{Window}},"filters":[{"operand":"{{operand}}","operator":"Equals","values":["{{value}}"]}]}""");

        Assert.Equal(count, runs.Count);
    }

    [Fact]
    public async Task A_rerun_joins_the_group_of_the_run_that_it_references_and_is_the_latest_of_the_group()
    {
        await using var simulator = await StartAsync();
        var first = await RunAsync(simulator, Factory + "/pipelines/retrain", """{"a":"x"}""");
        var id = (string?)first["runId"];

        var second = await RunAsync(simulator, Factory + "/pipelines/retrain", null, $"&referencePipelineRunId={id}&isRecovery=true");
        var latest = await QueryAsync(simulator, $$"""{ {{Window}},"filters":[{"operand":"LatestOnly","operator":"Equals","values":["true"]}]}""");
        using var unknown = await simulator.PostAsync(Factory + "/pipelines/retrain/createRun?api-version=2018-06-01&referencePipelineRunId=none&isRecovery=true");

        Assert.Equal(id, (string?)second["runGroupId"]);
        Assert.Equal("x", (string?)second["parameters"]?["a"]);
        Assert.Equal((string?)second["runId"], (string?)Assert.Single(latest)?["runId"]);
        Assert.Equal(HttpStatusCode.BadRequest, unknown.StatusCode);
    }

    [Theory]
    [InlineData("""{"orderBy":[{"orderBy":"Size","order":"ASC"}]}""")]
    [InlineData("""{"orderBy":[{"orderBy":"RunStart","order":"UP"}]}""")]
    public async Task An_invalid_order_is_rejected(string order)
    {
        await using var simulator = await StartAsync();

        using var response = await simulator.PostAsync(Factory + "/queryPipelineRuns", "{" + Window + "," + order[1..]);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
    }

    [Fact]
    public async Task Activity_runs_are_filtered()
    {
        await using var simulator = await StartAsync();
        var run = await RunAsync(simulator, Factory + "/pipelines/retrain", "{}");

        using var response = await simulator.PostAsync(
            $"{Factory}/pipelineruns/{run["runId"]}/queryActivityruns", $$"""{ {{Window}},"filters":[{"operand":"ActivityName","operator":"Equals","values":["Other"]}]}""");

        Assert.Empty((await response.JsonAsync())["value"]?.AsArray() ?? ["unexpected"]);
    }

    private static Task<HttpResponseMessage> PutAsync(RunningSimulator simulator, string? tag, string path = Pipeline)
    {
        var request = new HttpRequestMessage(HttpMethod.Put, path + "?api-version=2018-06-01") { Content = new StringContent("""{"properties":{}}""") };
        if (tag is not null)
        {
            request.Headers.TryAddWithoutValidation("If-Match", tag);
        }

        return simulator.Client.SendAsync(request, TestContext.Current.CancellationToken);
    }

    private static async Task<JsonNode> RunAsync(RunningSimulator simulator, string pipeline, string? parameters, string query = "")
    {
        using var response = await simulator.PostAsync($"{pipeline}/createRun?api-version=2018-06-01{query}", parameters);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return await simulator.ReadAsync($"{Factory}/pipelineruns/{(await response.JsonAsync())["runId"]}");
    }

    private static async Task<JsonArray> QueryAsync(RunningSimulator simulator, string query)
    {
        using var response = await simulator.PostAsync(Factory + "/queryPipelineRuns", query);
        return (await response.JsonAsync())["value"]?.AsArray() ?? throw new InvalidOperationException(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }
}
