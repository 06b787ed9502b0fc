using System.Net;
using System.Text.Json.Nodes;

using static MLEvents.Local.Simulator.Tests.RunningSimulator;

namespace MLEvents.Local.Simulator.Tests;

public sealed class JobUpdateTests
{
    private const string Jobs = Workspace + "/jobs";
    private const string Job = Jobs + "/retrain-1";

    [Theory]
    [InlineData("tags", """{"team":"growth"}""")]
    [InlineData("description", "\"new\"")]
    [InlineData("displayName", "\"new\"")]
    [InlineData("isArchived", "true")]
    public async Task A_PUT_that_changes_only_an_updatable_member_is_applied(string member, string value)
    {
        await using var simulator = await StartAsync();
        var body = await ReadAfterPutAsync(simulator);
        Properties(body)[member] = JsonNode.Parse(value);

        using var updated = await simulator.PutAsync(Job, body.ToJsonString());
        var job = await simulator.ReadAsync(Job);
        var calls = await simulator.ReadAsync("/calls");

        Assert.Equal(HttpStatusCode.OK, updated.StatusCode);
        Assert.Equal(JsonNode.Parse(value)?.ToJsonString(), job["properties"]?[member]?.ToJsonString());
        Assert.Equal(2, (int?)calls["operations"]?["Jobs_CreateOrUpdate"]?["changedState"]);
    }

    [Fact]
    public async Task A_PUT_of_the_answer_of_a_GET_changes_nothing()
    {
        await using var simulator = await StartAsync();
        await ReadAfterPutAsync(simulator);
        var job = await simulator.UntilAsync(Job, found => (string?)found["properties"]?["status"] == "Completed");

        using var again = await simulator.PutAsync(Job, job.ToJsonString());
        var calls = await simulator.ReadAsync("/calls");

        Assert.Equal(HttpStatusCode.OK, again.StatusCode);
        Assert.Equal(1, (int?)calls["operations"]?["Jobs_CreateOrUpdate"]?["changedState"]);
        Assert.True(JsonNode.DeepEquals(job, await simulator.ReadAsync(Job)));
    }

    [Theory]
    [InlineData("", "b")]
    [InlineData("?listViewType=ActiveOnly", "b")]
    [InlineData("?listViewType=ArchivedOnly", "a")]
    [InlineData("?listViewType=All", "a,b")]
    [InlineData("?listViewType=All&properties=origin=test", "b")]
    public async Task Archived_jobs_are_listed_only_on_request(string query, string names)
    {
        await using var simulator = await StartAsync();
        await simulator.PutAsync(Jobs + "/a", """{"properties":{"jobType":"Pipeline","isArchived":true}}""");
        await simulator.PutAsync(Jobs + "/b", """{"properties":{"jobType":"Pipeline","properties":{"origin":"test"}}}""");

        var list = await simulator.ReadAsync(Jobs + query);

        Assert.Equal(names.Split(','), (list["value"]?.AsArray() ?? []).Select(job => (string?)job?["name"]));
    }

    [Fact]
    public async Task An_unknown_listViewType_is_rejected()
    {
        await using var simulator = await StartAsync();

        using var response = await simulator.GetAsync(Jobs + "?listViewType=Some");

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
    }

    [Fact]
    public async Task Outputs_have_the_type_mode_and_uri_of_the_official_schema()
    {
        await using var simulator = await StartAsync();

        await simulator.PutAsync(Job, """{"properties":{"jobType":"Pipeline","outputs":{"model":{"jobOutputType":"MLFlowModel"},"log":{"jobOutputType":"uri_folder","uri":"azureml://x"}}}}""");
        var outputs = (await simulator.ReadAsync(Job))["properties"]?["outputs"];

        Assert.Equal("mlflow_model", (string?)outputs?["model"]?["jobOutputType"]);
        Assert.Equal("ReadWriteMount", (string?)outputs?["model"]?["mode"]);
        Assert.StartsWith("azureml://", (string?)outputs?["model"]?["uri"], StringComparison.Ordinal);
        Assert.Equal("azureml://x", (string?)outputs?["log"]?["uri"]);
    }

    [Theory]
    [InlineData("""{"inputs":{"a":{"jobInputType":"literal"}}}""", "properties.inputs.a.value")]
    [InlineData("""{"inputs":{"a":{"jobInputType":"uri_folder"}}}""", "properties.inputs.a.uri")]
    [InlineData("""{"inputs":{"a":{"jobInputType":"other","uri":"azureml://x"}}}""", "properties.inputs.a.jobInputType")]
    [InlineData("""{"inputs":{"a":{"uri":"azureml://x"}}}""", "properties.inputs.a.jobInputType")]
    [InlineData("""{"outputs":{"a":{"jobOutputType":"literal"}}}""", "properties.outputs.a.jobOutputType")]
    [InlineData("""{"outputs":{"a":{}}}""", "properties.outputs.a.jobOutputType")]
    public async Task An_input_or_output_with_a_missing_or_invalid_member_is_rejected(string members, string target)
    {
        await using var simulator = await StartAsync();
        var properties = JsonNode.Parse(members)?.AsObject() ?? [];
        properties["jobType"] = "Pipeline";

        using var response = await simulator.PutAsync(Job, new JsonObject { ["properties"] = properties }.ToJsonString());

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal(target, (string?)(await response.JsonAsync())["error"]?["target"]);
    }

    private static async Task<JsonNode> ReadAfterPutAsync(RunningSimulator simulator)
    {
        using var created = await simulator.PutAsync(Job, Bodies.Job);
        Assert.Equal(HttpStatusCode.Created, created.StatusCode);
        return await simulator.ReadAsync(Job);
    }

    private static JsonObject Properties(JsonNode job) => job["properties"]?.AsObject() ?? throw new InvalidOperationException("The job has no properties.");
}
