using System.Text;

using Microsoft.Extensions.Logging;

using MLEvents.Local.Sidecar.Tests.Infrastructure;

namespace MLEvents.Local.Sidecar.Tests.Delivery;

/// <summary>Guarantees of a bulk subscription that are not in the recordings.</summary>
public sealed class BulkDeliveryTests : IDisposable
{
    private const string Bulk = ",\"bulkSubscribe\":{\"enabled\":true,\"maxMessagesCount\":10,\"maxAwaitDurationMs\":3600000}";
    private readonly TempFolder _folder = new();
    private readonly TaskCompletionSource _release = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_batch_has_at_most_maxMessagesCount_messages_and_each_message_is_delivered_once()
    {
        await using var app = await SubscriberAsync();
        await using var sidecar = await TestSidecar.StartAsync(_folder, app, Yaml.Brokers("concurrency: 1"));

        await sidecar.Dapr.BulkPublishEventAsync("rps", "t", Enumerable.Range(0, 25).ToList(), cancellationToken: Token);
        await app.WaitForAsync(3);
        await sidecar.WaitForIdleAsync();

        Assert.Equal([10, 10, 5], app.Deliveries.Select(call => call.Entries().Count));
        Assert.Equal(Enumerable.Range(0, 25).Select(number => $"{number}"), app.Deliveries.SelectMany(call => call.Data()));
        var metrics = await sidecar.Http.GetStringAsync(new Uri("/metrics", UriKind.Relative), Token);
        Assert.Contains("sidecar_delivered_total{pubsub=\"rps\",topic=\"t\",outcome=\"Done\"} 25", metrics, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_single_message_is_delivered_without_a_wait_for_further_messages()
    {
        await using var app = await SubscriberAsync();
        await using var sidecar = await TestSidecar.StartAsync(_folder, app, Yaml.Brokers());

        await sidecar.Dapr.PublishEventAsync("rps", "t", 1, Token);

        Assert.Equal(["1"], Assert.Single(await app.WaitForAsync(1)).Data());
    }

    [Fact]
    public async Task Messages_that_arrive_while_the_handlers_are_busy_share_the_next_batch()
    {
        await using var app = await SubscriberAsync();
        app.Answer = async (call, aborted) =>
        {
            await _release.Task.WaitAsync(aborted);
            return call.AnswerSuccess();
        };
        await using var sidecar = await TestSidecar.StartAsync(_folder, app, Yaml.Brokers("concurrency: 1"));

        await sidecar.Dapr.PublishEventAsync("rps", "t", 0, Token);
        await app.WaitForAsync(1);
        foreach (var number in new[] { 1, 2, 3 })
        {
            await sidecar.Dapr.PublishEventAsync("rps", "t", number, Token);
        }

        _release.SetResult();
        Assert.Equal(["1", "2", "3"], (await app.WaitForAsync(2))[1].Data());
    }

    [Fact]
    public async Task Entries_that_were_handled_are_settled_before_the_retry_of_the_others()
    {
        await using var app = await SubscriberAsync();
        app.Answer = (call, _) => Task.FromResult(call.AnswerEach((_, index) => index == 0 ? "RETRY" : "SUCCESS"));
        await using var sidecar = await TestSidecar.StartAsync(_folder, app, Yaml.Brokers() + Retries("1h"));

        await sidecar.Dapr.BulkPublishEventAsync("rps", "t", Enumerable.Range(0, 3).ToList(), cancellationToken: Token);

        await sidecar.WaitForIdleAsync(inFlight: 1);
        Assert.Single(app.Deliveries);
    }

    [Fact]
    public async Task Data_after_the_JSON_object_of_an_answer_is_ignored()
    {
        await using var app = await SubscriberAsync();
        app.Answer = (call, _) => Task.FromResult((200, call.AnswerSuccess().Body + " rest"));
        await using var sidecar = await TestSidecar.StartAsync(_folder, app, Yaml.Brokers() + Retries("1h"));

        await sidecar.Dapr.BulkPublishEventAsync("rps", "t", Enumerable.Range(0, 2).ToList(), cancellationToken: Token);
        await app.WaitForAsync(1);

        await sidecar.WaitForIdleAsync();
    }

    [Fact]
    public async Task Retries_keep_the_leases_when_they_take_longer_than_the_processing_timeout()
    {
        await using var app = await SubscriberAsync();
        app.Answer = (call, _) => Task.FromResult(app.Deliveries.Count < 6 ? (503, "") : call.AnswerSuccess());
        await using var sidecar = await TestSidecar.StartAsync(_folder, app, Yaml.Brokers("processingTimeout: 150ms") + Retries("80ms"));

        await sidecar.Dapr.BulkPublishEventAsync("rps", "t", Enumerable.Range(0, 2).ToList(), cancellationToken: Token);
        await app.WaitForAsync(6);
        await sidecar.WaitForIdleAsync();

        Assert.Equal(Enumerable.Repeat(2, 6), app.Deliveries.Select(call => call.Entries().Count));
    }

    [Fact]
    public async Task Entries_that_wait_for_a_retry_are_redelivered_at_the_next_start()
    {
        await using var app = await SubscriberAsync();
        app.Answer = (call, _) => Task.FromResult(app.Deliveries.Count == 1 ? call.AnswerEach((_, index) => index == 0 ? "RETRY" : "SUCCESS") : call.AnswerSuccess());
        await using (var sidecar = await TestSidecar.StartAsync(_folder, app, Yaml.Brokers() + Retries("1h")))
        {
            await sidecar.Dapr.BulkPublishEventAsync("rps", "t", Enumerable.Range(0, 2).ToList(), cancellationToken: Token);
            await sidecar.WaitForIdleAsync(inFlight: 1);
        }

        await using var next = await TestSidecar.StartAsync(_folder, app, Yaml.Brokers());
        Assert.Equal(["0"], (await app.WaitForAsync(2))[1].Data());
    }

    [Fact]
    public async Task A_declared_subscription_may_be_a_bulk_subscription()
    {
        const string Declared = """
            apiVersion: dapr.io/v2alpha1
            kind: Subscription
            metadata: {name: s}
            spec: {pubsubname: rps, topic: t, routes: {default: /declared}, bulkSubscribe: {enabled: true, maxMessagesCount: 2, maxAwaitDurationMs: 40}}
            ---

            """;
        await using var app = await FakeApp.StartAsync();
        app.Answer = (call, _) => Task.FromResult(call.AnswerSuccess());
        await using var sidecar = await TestSidecar.StartAsync(_folder, app, Yaml.Brokers() + Declared);

        await sidecar.Dapr.BulkPublishEventAsync("rps", "t", Enumerable.Range(0, 3).ToList(), cancellationToken: Token);

        Assert.Equal([2, 1], (await app.WaitForAsync(2)).Select(call => call.Entries().Count).OrderDescending());
        Assert.All(app.Deliveries, call => Assert.Equal("/declared", call.Path));
    }

    [Fact]
    public async Task A_batch_gets_no_further_message_when_it_has_reached_4_MiB()
    {
        await using (var publisher = await TestSidecar.StartAsync(_folder, null, Yaml.Brokers()))
        {
            for (var number = 0; number < 3; number++)
            {
                await publisher.Dapr.PublishEventAsync("rps", "t", new string('x', 2_500_000), Token);
            }
        }

        await using var app = await SubscriberAsync();
        await using var sidecar = await TestSidecar.StartAsync(_folder, app, Yaml.Brokers());

        Assert.Equal([2, 1], (await app.WaitForAsync(2)).Select(call => call.Entries().Count).OrderDescending());
    }

    [Fact]
    public async Task The_events_of_a_raw_subscription_are_encoded_as_base64()
    {
        await using var app = await SubscriberAsync(",\"metadata\":{\"rawPayload\":\"true\"}");
        await using var sidecar = await TestSidecar.StartAsync(_folder, app, Yaml.Brokers());
        using var body = new StringContent("plain");

        await sidecar.Http.PostAsync(new Uri("/v1.0/publish/rps/t?metadata.rawPayload=true", UriKind.Relative), body, Token);

        var entry = Assert.Single(Assert.Single(await app.WaitForAsync(1)).Entries());
        Assert.Equal("plain", Encoding.UTF8.GetString(entry.GetProperty("event").GetBytesFromBase64()));
        Assert.Equal("application/octet-stream", entry.GetProperty("contentType").GetString());
    }

    [Fact]
    public async Task A_message_that_is_not_json_goes_to_the_dead_letters_and_the_others_are_delivered()
    {
        await using var app = await SubscriberAsync(",\"deadLetterTopic\":\"dead\"");
        await using (var publisher = await TestSidecar.StartAsync(_folder, null, Yaml.Brokers()))
        {
            using var body = new StringContent("plain");
            await publisher.Http.PostAsync(new Uri("/v1.0/publish/rps/t?metadata.rawPayload=true", UriKind.Relative), body, Token);
            await publisher.Dapr.PublishEventAsync("rps", "t", 1, Token);
        }

        await using var sidecar = await TestSidecar.StartAsync(_folder, app, Yaml.Brokers());

        Assert.Equal(["1"], Assert.Single(await app.WaitForAsync(1)).Data());
        await sidecar.WaitForIdleAsync();
        Assert.Contains(sidecar.Logs, log => log.Level == LogLevel.Error && log.Message.Contains("not a JSON object", StringComparison.Ordinal));
        var metrics = await sidecar.Http.GetStringAsync(new Uri("/metrics", UriKind.Relative), Token);
        Assert.Contains("sidecar_backlog_waiting{pubsub=\"rps\",topic=\"dead\",group=\"\"} 1", metrics, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_batch_that_cannot_be_sent_as_a_request_goes_to_the_dead_letters_at_once()
    {
        await using var app = await FakeApp.StartAsync(configure: app => app.Subscriptions =
            $$"""[{"pubsubname":"rps","topic":"t","route":"http://[","deadLetterTopic":"dead"{{Bulk}}},{"pubsubname":"rps","topic":"dead","route":"/dead"}]""");
        await using var sidecar = await TestSidecar.StartAsync(_folder, app, Yaml.Brokers() + Retries("1h"));

        await sidecar.Dapr.BulkPublishEventAsync("rps", "t", Enumerable.Range(0, 2).ToList(), cancellationToken: Token);

        Assert.All(await app.WaitForAsync(2), call => Assert.Equal("/dead", call.Path));
    }

    private static string Retries(string wait) => $$"""
        kind: Resiliency
        metadata: {name: r}
        spec:
          policies: {retries: {r: {policy: constant, duration: {{wait}}, maxRetries: 10} } }
          targets: {components: {rps: {inbound: {retry: r} } } }
        """;

    private static async Task<FakeApp> SubscriberAsync(string more = "")
    {
        var app = await FakeApp.StartAsync(configure: app => app.Subscribe("rps", "t", Bulk + more));
        app.Answer = (call, _) => Task.FromResult(call.AnswerSuccess());
        return app;
    }
}
