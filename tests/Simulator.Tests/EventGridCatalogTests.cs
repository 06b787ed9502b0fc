using System.Net;

using static MLEvents.Local.Simulator.Tests.RunningSimulator;

namespace MLEvents.Local.Simulator.Tests;

public sealed class EventGridCatalogTests
{
    private const string Subscription = Workspace + "/providers/Microsoft.EventGrid/eventSubscriptions/test-hook";

    [Theory]
    [InlineData("data.items[0]")]
    [InlineData("subject.first")]
    [InlineData("data..name")]
    [InlineData("data.")]
    [InlineData(".data")]
    public async Task A_filter_key_with_an_array_index_or_invalid_levels_is_rejected(string key)
    {
        await using var simulator = await StartAsync();
        var filter = $$""","filter":{"advancedFilters":[{"operatorType":"IsNotNull","key":"{{key}}"}]}""";

        using var response = await simulator.PutAsync(Subscription, Bodies.Subscription(new Uri("https://localhost/"), filter));

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
    }

    [Fact]
    public async Task Topic_types_and_event_types_are_listed()
    {
        await using var simulator = await StartAsync();

        var types = await simulator.ReadAsync("/providers/Microsoft.EventGrid/topicTypes?api-version=2022-06-15");
        var type = await simulator.ReadAsync("/providers/Microsoft.EventGrid/topicTypes/Microsoft.MachineLearningServices.Workspaces?api-version=2022-06-15");
        var events = await simulator.ReadAsync("/providers/Microsoft.EventGrid/topicTypes/Microsoft.MachineLearningServices.Workspaces/eventTypes?api-version=2022-06-15");
        using var unknown = await simulator.GetAsync("/providers/Microsoft.EventGrid/topicTypes/Microsoft.Other.Things/eventTypes?api-version=2022-06-15");

        Assert.Equal("Microsoft.MachineLearningServices.Workspaces", (string?)types["value"]?[0]?["name"]);
        Assert.Equal("Microsoft.MachineLearningServices", (string?)type["properties"]?["provider"]);
        Assert.Equal(5, events["value"]?.AsArray().Count);
        Assert.Equal(HttpStatusCode.NotFound, unknown.StatusCode);
    }

    [Theory]
    [InlineData(Group)]
    [InlineData("/subscriptions/00000000-0000-0000-0000-000000000001")]
    public async Task The_system_topic_of_the_workspace_exists_after_its_first_subscription(string scope)
    {
        await using var simulator = await StartAsync();
        var list = scope + "/providers/Microsoft.EventGrid/systemTopics";

        var before = await simulator.ReadAsync(list);
        await simulator.PutAsync(Subscription, Bodies.Subscription(new Uri("https://localhost:1/")));
        var after = await simulator.ReadAsync(list);
        var topic = await simulator.ReadAsync($"{Group}/providers/Microsoft.EventGrid/systemTopics/{after["value"]?[0]?["name"]}");

        Assert.Empty(before["value"]?.AsArray() ?? ["unexpected"]);
        Assert.Equal(Workspace, (string?)topic["properties"]?["source"]);
        Assert.Equal("Microsoft.MachineLearningServices.Workspaces", (string?)topic["properties"]?["topicType"]);
    }

    [Theory]
    [InlineData("PATCH")]
    [InlineData("PUT")]
    public async Task An_update_without_an_endpoint_URL_keeps_the_existing_URL(string method)
    {
        await using var simulator = await StartAsync();
        await using var webhook = await FakeWebhook.StartAsync();
        await webhook.SubscribeAsync(simulator);

        using var updated = await simulator.SendAsync(
            new HttpMethod(method), Subscription, """{"properties":{"destination":{"endpointType":"WebHook","properties":{"maxEventsPerBatch":7}}},"destination":{"endpointType":"WebHook","properties":{"maxEventsPerBatch":7}}}""");
        using var url = await simulator.PostAsync(Subscription + "/getFullUrl");
        var found = await simulator.ReadAsync(Subscription);

        Assert.Equal(HttpStatusCode.Created, updated.StatusCode);
        Assert.Equal(webhook.Address.OriginalString, (string?)(await url.JsonAsync())["endpointUrl"]);
        Assert.Equal(7, (int?)found["properties"]?["destination"]?["properties"]?["maxEventsPerBatch"]);
    }

    [Theory]
    [InlineData("/jobs", "2022-10-01")]
    [InlineData("/jobs", "2023-04-01")]
    [InlineData("/jobs", "2023-10-01")]
    [InlineData("/providers/Microsoft.EventGrid/eventSubscriptions", "2021-12-01")]
    public async Task Older_api_versions_of_official_clients_are_accepted(string path, string version)
    {
        await using var simulator = await StartAsync();

        using var response = await simulator.GetAsync($"{Workspace}{path}?api-version={version}");

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Theory]
    [InlineData("GET", "/nowhere")]
    [InlineData("GET", "/providers/Microsoft.Nothing/things?api-version=2022-06-15")]
    [InlineData("GET", Workspace + "/computes/cpu?api-version=2024-04-01")]
    [InlineData("POST", Workspace + "/jobs/a?api-version=2024-04-01")]
    public async Task An_unknown_path_is_answered_with_an_ARM_error(string method, string path)
    {
        await using var simulator = await StartAsync();

        using var response = await simulator.SendAsync(new HttpMethod(method), path);

        Assert.False(response.IsSuccessStatusCode);
        Assert.NotNull((await response.JsonAsync())["error"]?["code"]);
    }
}
