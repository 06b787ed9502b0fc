using System.Text.Json.Nodes;

using Microsoft.Extensions.Logging;

using MLEvents.Local.Sidecar.Tests.Infrastructure;

namespace MLEvents.Local.Sidecar.Tests.Delivery;

/// <summary>Answers of an app to GET /dapr/subscribe, and the resulting subscriptions (recorded in 02-startup-subscriptions-routing.json).</summary>
public sealed class SubscribeAnswerTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(404, "", "")]
    [InlineData(500, "", "")]
    [InlineData(204, "", "")]
    [InlineData(200, "[{", "")]
    [InlineData(200, "", "")]
    [InlineData(200, "[]", "")]
    [InlineData(200, """[{"pubsubname":"nope","topic":"x","route":"/x"}]""", "/x")]
    [InlineData(200, """[{"pubsubname":"mem","topic":"x","route":"/x1"},{"pubsubname":"mem","topic":"x","route":"/x2"}]""", "/x2")]
    [InlineData(200, """[{"pubsubname":"mem","topic":"x"}]""", "")]
    [InlineData(200, """[{"pubsubname":"mem","topic":"x","route":""}]""", "")]
    [InlineData(200, """[{"pubsubname":"mem","topic":"x","route":"x1"}]""", "x1")]
    public async Task The_sidecar_becomes_ready_and_lists_the_subscriptions_that_daprd_lists(int status, string body, string path)
    {
        await using var app = await FakeApp.StartAsync(configure: app => (app.SubscribeStatus, app.Subscriptions) = (status, body));
        await using var sidecar = await TestSidecar.StartAsync(_folder, app, Yaml.Brokers());

        var metadata = JsonNode.Parse(await sidecar.Http.GetStringAsync(new Uri("/v1.0/metadata", UriKind.Relative), TestContext.Current.CancellationToken));

        Assert.Equal(path, (string?)metadata?["subscriptions"]?[0]?["rules"]?[0]?["path"] ?? "");
    }

    [Fact]
    public async Task A_leading_slash_is_added_to_a_route_that_has_none()
    {
        await using var app = await FakeApp.StartAsync(configure: app => app.Subscriptions = """[{"pubsubname":"mem","topic":"x","route":"x1"}]""");
        await using var sidecar = await TestSidecar.StartAsync(_folder, app, Yaml.Brokers());

        await sidecar.Dapr.PublishEventAsync("mem", "x", 1, TestContext.Current.CancellationToken);

        Assert.Equal("/x1", Assert.Single(await app.WaitForAsync(1)).Path);
    }

    [Fact]
    public async Task A_subscription_with_routing_rules_is_reported_and_left_out_and_the_others_start()
    {
        await using var app = await FakeApp.StartAsync(configure: app => app.Subscriptions = """
            [{"pubsubname":"mem","topic":"bad","routes":{"rules":[{"match":"event.type == \"a\"","path":"/bad"}],"default":"/bad"}},
             {"pubsubname":"mem","topic":"good","route":"/good"}]
            """);
        await using var sidecar = await TestSidecar.StartAsync(_folder, app, Yaml.Brokers());

        await sidecar.Dapr.PublishEventAsync("mem", "good", 1, TestContext.Current.CancellationToken);

        Assert.Equal("/good", Assert.Single(await app.WaitForAsync(1)).Path);
        var error = Assert.Single(sidecar.Logs, log => log.Level == LogLevel.Error);
        Assert.Contains("topic 'bad'", error.Message, StringComparison.Ordinal);
        Assert.Contains("routing rules", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("subscriptionScopes: rec-app=y", "allowedTopics: x,y")]
    [InlineData("subscriptionScopes: rec-app=x", "allowedTopics: y")]
    [InlineData("subscriptionScopes: other=x", "protectedTopics: x")]
    [InlineData("subscriptionScopes: other=x", "allowedTopics: ,")]
    [InlineData("subscriptionScopes: other=x", "allowedTopics:  ")]
    public async Task A_subscription_to_a_topic_that_the_component_does_not_allow_is_left_out(string scopes, string topics)
    {
        await using var app = await FakeApp.StartAsync();
        app.Subscribe("scoped", "x");
        await using var sidecar = await TestSidecar.StartAsync(_folder, app, Yaml.Component("scoped", "pubsub.in-memory", scopes, topics));

        Assert.Contains(sidecar.Logs, log => log.Level == LogLevel.Error && log.Message.Contains("does not allow the app rec-app to use topic x", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("rec-app=y;rec-app=x")]
    [InlineData("rec-app=x;rec-app=y")]
    [InlineData("other=y;rec-app")]
    [InlineData("rec-app=x=y")]
    public async Task The_scope_entries_of_an_app_are_merged_and_entries_without_topics_are_ignored(string scopes)
    {
        await using var app = await FakeApp.StartAsync();
        app.Subscribe("scoped", "x");
        await using var sidecar = await TestSidecar.StartAsync(_folder, app, Yaml.Component("scoped", "pubsub.in-memory", $"subscriptionScopes: {scopes}"));

        await sidecar.Dapr.PublishEventAsync("scoped", "x", 1, TestContext.Current.CancellationToken);

        Assert.Equal("/x", Assert.Single(await app.WaitForAsync(1)).Path);
    }

    [Fact]
    public async Task The_sidecar_waits_for_an_app_that_starts_late()
    {
        int port;
        await using (var probe = await FakeApp.StartAsync())
        {
            port = probe.Port;
        }

        await using var sidecar = await TestSidecar.StartUnreadyAsync(_folder, port, Yaml.Brokers());
        using var early = await sidecar.Http.GetAsync(new Uri("/v1.0/healthz", UriKind.Relative), TestContext.Current.CancellationToken);
        await sidecar.Dapr.PublishEventAsync("rps", "x", 1, TestContext.Current.CancellationToken);
        await using var app = await FakeApp.StartAsync(port, app => app.Subscribe("rps", "x"));
        await sidecar.WaitUntilReadyAsync();

        Assert.Equal(500, (int)early.StatusCode);
        Assert.Equal("""{"errorCode":"ERR_HEALTH_NOT_READY","message":"dapr is not ready: [runtime]"}""", await early.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Assert.Single(await app.WaitForAsync(1));
    }
}
