using System.Net;
using System.Text.Json.Nodes;

using static MLEvents.Local.Simulator.Tests.RunningSimulator;

namespace MLEvents.Local.Simulator.Tests;

public sealed class ModelListTests
{
    private const string Models = Workspace + "/models";
    private const string Versions = Models + "/churn/versions";

    [Theory]
    [InlineData("", "2,1")]
    [InlineData("?listViewType=ArchivedOnly", "3")]
    [InlineData("?listViewType=All", "3,2,1")]
    [InlineData("?$orderBy=createdtime asc", "1,2")]
    [InlineData("?$orderBy=createdtime desc", "2,1")]
    [InlineData("?listViewType=All&offset=1", "2,1")]
    [InlineData("?listViewType=All&offset=1&$top=1", "2")]
    [InlineData("?description=first", "1")]
    [InlineData("?properties=origin=test", "2")]
    [InlineData("?properties=origin", "2")]
    public async Task Versions_are_filtered_ordered_and_skipped(string query, string names)
    {
        await using var simulator = await StartAsync();
        await AddAsync(simulator, "1", ""","description":"the first one" """);
        await AddAsync(simulator, "2", ""","properties":{"origin":"test"}""");
        await AddAsync(simulator, "3", ""","isArchived":true""");

        var list = await simulator.ReadAsync(Versions + query);

        Assert.Equal(names.Split(','), Names(list));
    }

    [Theory]
    [InlineData("?$orderBy=size desc")]
    [InlineData("?offset=-1")]
    [InlineData("?offset=x")]
    [InlineData("?feed=registry")]
    [InlineData("?listViewType=Some")]
    public async Task A_list_parameter_that_is_not_supported_is_rejected(string query)
    {
        await using var simulator = await StartAsync();
        await AddAsync(simulator, "1", "");

        using var response = await simulator.GetAsync(Versions + query);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
    }

    [Fact]
    public async Task The_offset_of_a_list_applies_to_its_first_page_only()
    {
        await using var simulator = await StartAsync(("PageSize", "1"));
        await AddAsync(simulator, "1", "");
        await AddAsync(simulator, "2", "");
        await AddAsync(simulator, "3", "");

        var first = await simulator.ReadAsync(Versions + "?offset=1");
        var second = await simulator.ReadAsync(new Uri((string?)first["nextLink"] ?? "").PathAndQuery);

        Assert.Equal(["2"], Names(first));
        Assert.Equal(["1"], Names(second));
        Assert.Null(second["nextLink"]);
    }

    [Fact]
    public async Task Archived_containers_are_listed_only_on_request()
    {
        await using var simulator = await StartAsync();
        await simulator.PutAsync(Models + "/old", """{"properties":{"isArchived":true}}""");
        await simulator.PutAsync(Models + "/new", """{"properties":{}}""");

        Assert.Equal(["new"], Names(await simulator.ReadAsync(Models)));
        Assert.Equal(["old"], Names(await simulator.ReadAsync(Models + "?listViewType=ArchivedOnly")));
    }

    [Fact]
    public async Task A_version_without_flavors_has_an_empty_object()
    {
        await using var simulator = await StartAsync();

        await AddAsync(simulator, "1", "");
        var version = await simulator.ReadAsync(Versions + "/1");

        Assert.Equal("{}", version["properties"]?["flavors"]?.ToJsonString());
    }

    private static async Task AddAsync(RunningSimulator simulator, string version, string more)
    {
        using var response = await simulator.PutAsync($"{Versions}/{version}", $$$"""{"properties":{"modelType":"mlflow_model","modelUri":"azureml://m"{{{more}}}}}""");
        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
    }

    private static IEnumerable<string?> Names(JsonNode list) => (list["value"]?.AsArray() ?? []).Select(item => (string?)item?["name"]);
}
