using System.Net;

using static MLEvents.Local.Simulator.Tests.RunningSimulator;

namespace MLEvents.Local.Simulator.Tests;

public sealed class ModelsTests
{
    private const string Versions = Workspace + "/models/churn/versions";

    [Fact]
    public async Task The_tags_of_a_registered_version_can_change_but_its_files_cannot()
    {
        await using var simulator = await StartAsync();

        using var created = await simulator.PutAsync(Versions + "/1", Bodies.Model);
        using var updated = await simulator.PutAsync(Versions + "/1", Bodies.Model.Replace("production", "archive", StringComparison.Ordinal));
        using var refused = await simulator.PutAsync(Versions + "/1", Bodies.Model.Replace("azureml://m", "azureml://n", StringComparison.Ordinal));

        Assert.Equal(HttpStatusCode.Created, created.StatusCode);
        Assert.Equal("archive", (string?)(await updated.JsonAsync())["properties"]?["tags"]?["stage"]);
        Assert.Equal(HttpStatusCode.Conflict, refused.StatusCode);
    }

    [Fact]
    public async Task A_registry_has_its_own_models_and_raises_no_events()
    {
        await using var simulator = await StartAsync();
        await using var webhook = await FakeWebhook.StartAsync();
        await webhook.SubscribeAsync(simulator);
        var registry = Workspace.Replace("/workspaces/", "/registries/", StringComparison.Ordinal) + "-models/models/churn";

        using var missing = await simulator.GetAsync(registry + "/versions/1");
        using var created = await simulator.PutAsync(registry + "/versions/1", Bodies.Model);
        using var again = await simulator.PutAsync(registry + "/versions/1", Bodies.Model);
        var version = await simulator.ReadAsync(registry + "/versions/1");

        Assert.Equal((HttpStatusCode.NotFound, HttpStatusCode.Created, HttpStatusCode.OK), (missing.StatusCode, created.StatusCode, again.StatusCode));
        Assert.Equal("Microsoft.MachineLearningServices/registries/models/versions", (string?)version["type"]);
        Assert.Equal("1", (string?)(await simulator.ReadAsync(registry))["properties"]?["latestVersion"]);
        Assert.Single((await simulator.ReadAsync(registry + "/versions"))["value"]?.AsArray() ?? []);
        using var inWorkspace = await simulator.GetAsync(Versions + "/1");
        Assert.Equal(HttpStatusCode.NotFound, inWorkspace.StatusCode);

        // The model in the workspace is registered last. Its event is still the first event, because the registry raises no events.
        using var registered = await simulator.PutAsync(Versions + "/7", Bodies.Model);
        await webhook.UntilAsync(events => events.Count > 0);
        Assert.Equal("models/churn:7", (string?)webhook.Events[0].Body["subject"]);
    }

    [Fact]
    public async Task The_newest_version_comes_first_and_tags_filter_the_list()
    {
        await using var simulator = await StartAsync();
        await simulator.PutAsync(Versions + "/1", Bodies.Model);
        await simulator.PostAsync("/simulate/model", """{"name":"churn","tags":{"stage":"test","big":"yes"}}""");

        var all = await simulator.ReadAsync(Versions);
        var production = await simulator.ReadAsync(Versions + "?tags=stage=production");
        var big = await simulator.ReadAsync(Versions + "?tags=big,stage=test&$top=5");

        Assert.Equal("2", (string?)all["value"]?[0]?["name"]);
        Assert.Equal("1", (string?)Assert.Single(production["value"]?.AsArray() ?? [])?["name"]);
        Assert.Equal("2", (string?)Assert.Single(big["value"]?.AsArray() ?? [])?["name"]);
    }

    [Fact]
    public async Task A_container_has_the_latest_and_next_version_and_can_be_deleted()
    {
        await using var simulator = await StartAsync();
        using var made = await simulator.PutAsync(Workspace + "/models/churn", """{"properties":{"description":"Who leaves?"}}""");
        await simulator.PutAsync(Versions + "/7", Bodies.Model);

        var container = await simulator.ReadAsync(Workspace + "/models/churn");
        using var deleted = await simulator.DeleteAsync(Workspace + "/models/churn");
        using var version = await simulator.GetAsync(Versions + "/7");
        using var gone = await simulator.DeleteAsync(Versions + "/7");

        Assert.Equal(HttpStatusCode.Created, made.StatusCode);
        Assert.Equal("Who leaves?", (string?)container["properties"]?["description"]);
        Assert.Equal(("7", "8"), ((string?)container["properties"]?["latestVersion"], (string?)container["properties"]?["nextVersion"]));
        Assert.Equal(HttpStatusCode.OK, deleted.StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, version.StatusCode);
        Assert.Equal(HttpStatusCode.NoContent, gone.StatusCode);
    }

    [Theory]
    [InlineData("2147483647", "2147483648")]
    [InlineData("9223372036854775807", "1")]
    public async Task The_next_version_after_a_large_number_is_positive(string version, string next)
    {
        await using var simulator = await StartAsync();

        await simulator.PutAsync($"{Versions}/{version}", Bodies.Model);
        var container = await simulator.ReadAsync(Workspace + "/models/churn");

        Assert.Equal((version, next), ((string?)container["properties"]?["latestVersion"], (string?)container["properties"]?["nextVersion"]));
    }

    [Fact]
    public async Task A_list_is_empty_after_its_last_resource_is_deleted_and_can_be_filled_again()
    {
        await using var simulator = await StartAsync();
        await simulator.PutAsync(Versions + "/1", Bodies.Model);

        using var deleted = await simulator.DeleteAsync(Versions + "/1");
        var empty = await simulator.ReadAsync(Versions);
        using var again = await simulator.PutAsync(Versions + "/1", Bodies.Model);
        var filled = await simulator.ReadAsync(Versions);

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.Created), (deleted.StatusCode, again.StatusCode));
        Assert.Empty(empty["value"]?.AsArray() ?? []);
        Assert.Single(filled["value"]?.AsArray() ?? []);
    }
}
