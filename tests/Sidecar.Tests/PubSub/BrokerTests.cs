using System.Text.Json;

using Dapr;

using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;

using MLEvents.Local.Sidecar.Tests.Infrastructure;

namespace MLEvents.Local.Sidecar.Tests.PubSub;

/// <summary>Tests the guarantees of the embedded broker across consumers, redeliveries and restarts.</summary>
public sealed class BrokerTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly TaskCompletionSource _release = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Sidecars_of_the_same_app_share_the_messages_and_another_app_gets_every_message()
    {
        await using var one = await SubscriberAsync();
        await using var two = await SubscriberAsync();
        await using var other = await SubscriberAsync();
        await using var first = await TestSidecar.StartAsync(_folder, one, Yaml.Brokers("concurrency: 2"));
        await using var second = await TestSidecar.StartAsync(_folder, two, Yaml.Brokers("concurrency: 2"));
        await using var third = await TestSidecar.StartAsync(_folder, other, Yaml.Brokers(), options => options.AppId = "other-app");
        (one.Answer, two.Answer) = (HoldAsync, HoldAsync);

        await first.Dapr.BulkPublishEventAsync("rps", "t", Enumerable.Range(0, 20).ToList(), cancellationToken: TestContext.Current.CancellationToken);
        await Task.WhenAll(one.WaitForAsync(2), two.WaitForAsync(2), other.WaitForAsync(20));
        _release.SetResult();
        await first.WaitForIdleAsync();

        Assert.Equal(Enumerable.Range(0, 20), one.Deliveries.Concat(two.Deliveries).Select(Data).Order());
        Assert.Equal(Enumerable.Range(0, 20), other.Deliveries.Select(Data).Order());
    }

    [Fact]
    public async Task Publishing_does_not_wait_for_handlers_and_one_topic_does_not_block_another()
    {
        await using var app = await SubscriberAsync();
        app.Subscribe("rps", "quick");
        app.Answer = (call, aborted) => call.Path == "/t" ? HoldAsync(call, aborted) : Task.FromResult((200, ""));
        await using var sidecar = await TestSidecar.StartAsync(_folder, app, Yaml.Brokers());

        await sidecar.Dapr.BulkPublishEventAsync("rps", "t", Enumerable.Range(0, 30).ToList(), cancellationToken: TestContext.Current.CancellationToken);
        await app.WaitForAsync(call => call.Path == "/t", 10);
        await sidecar.Dapr.PublishEventAsync("rps", "quick", 1, TestContext.Current.CancellationToken);

        await app.WaitForAsync(call => call.Path == "/quick", 1);
        Assert.Equal(10, app.Deliveries.Count(call => call.Path == "/t"));
        _release.SetResult();
    }

    [Fact]
    public async Task A_failed_delivery_without_policies_is_redelivered_after_the_redelivery_interval()
    {
        await using var app = await SubscriberAsync();
        app.Answer = (_, _) => Task.FromResult((app.Deliveries.Count < 3 ? 503 : 200, ""));
        await using var sidecar = await TestSidecar.StartAsync(_folder, app, Yaml.Brokers("redeliverInterval: 50"));

        await sidecar.Dapr.PublishEventAsync("rps", "t", 1, TestContext.Current.CancellationToken);
        var deliveries = await app.WaitForAsync(3);
        await sidecar.WaitForIdleAsync();

        Assert.Equal(3, app.Deliveries.Count);
        Assert.Single(deliveries.Select(call => call.Body).Distinct());
        Assert.True(deliveries[1].At - deliveries[0].At >= TimeSpan.FromMilliseconds(45));
    }

    [Fact]
    public async Task A_message_is_redelivered_if_its_delivery_takes_longer_than_the_processing_timeout()
    {
        await using var app = await SubscriberAsync();
        app.Answer = (call, aborted) => app.Deliveries.Count == 1 ? HoldAsync(call, aborted) : Task.FromResult((200, ""));
        await using var sidecar = await TestSidecar.StartAsync(_folder, app, Yaml.Brokers("processingTimeout: 100ms"));

        await sidecar.Dapr.PublishEventAsync("rps", "t", 1, TestContext.Current.CancellationToken);

        await app.WaitForAsync(2);
        _release.SetResult();
        await sidecar.WaitForIdleAsync();
    }

    [Fact]
    public async Task Retries_keep_the_lease_when_they_take_longer_than_the_processing_timeout()
    {
        await using var app = await SubscriberAsync();
        app.Answer = (_, _) => Task.FromResult((app.Deliveries.Count < 6 ? 503 : 200, ""));
        const string Policy = """
            kind: Resiliency
            metadata: {name: r}
            spec:
              policies: {retries: {DefaultPubsubComponentInboundRetryPolicy: {policy: constant, duration: 80ms, maxRetries: 10}}}
            """;
        await using var sidecar = await TestSidecar.StartAsync(_folder, app, Yaml.Brokers("processingTimeout: 150ms") + Policy);

        await sidecar.Dapr.PublishEventAsync("rps", "t", 1, TestContext.Current.CancellationToken);
        await app.WaitForAsync(6);
        await sidecar.WaitForIdleAsync();

        Assert.Equal(6, app.Deliveries.Count);
    }

    [Fact]
    public async Task A_message_published_before_the_first_subscription_is_delivered_unless_it_has_expired()
    {
        await using (var publisher = await TestSidecar.StartAsync(_folder, null, Yaml.Brokers()))
        {
            await publisher.Dapr.PublishEventAsync("rps", "t", 100, new Dictionary<string, string> { ["ttlInSeconds"] = "0" }, TestContext.Current.CancellationToken);
            await publisher.Dapr.PublishEventAsync("rps", "t", 101, TestContext.Current.CancellationToken);
        }

        await using var app = await SubscriberAsync();
        await using var sidecar = await TestSidecar.StartAsync(_folder, app, Yaml.Brokers());
        await app.WaitForAsync(1);
        await sidecar.WaitForIdleAsync();

        Assert.Equal([101], app.Deliveries.Select(Data));
        Assert.Contains(sidecar.Logs, log => log.Message.Contains("has expired", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_message_with_the_largest_time_to_live_is_delivered()
    {
        await using var app = await SubscriberAsync();
        await using var sidecar = await TestSidecar.StartAsync(_folder, app, Yaml.Brokers());

        await sidecar.Dapr.PublishEventAsync("rps", "t", 1, new Dictionary<string, string> { ["ttlInSeconds"] = $"{long.MaxValue}" }, TestContext.Current.CancellationToken);

        await app.WaitForAsync(1);
        Assert.Equal([1], app.Deliveries.Select(Data));
    }

    [Fact]
    public async Task Handled_messages_are_deleted_and_maxLenApprox_limits_unread_messages()
    {
        await using var app = await SubscriberAsync();
        await using var sidecar = await TestSidecar.StartAsync(_folder, app, Yaml.Brokers("maxLenApprox: 5"));

        await sidecar.Dapr.BulkPublishEventAsync("rps", "t", Enumerable.Range(0, 3).ToList(), cancellationToken: TestContext.Current.CancellationToken);
        await sidecar.Dapr.BulkPublishEventAsync("rps", "unread", Enumerable.Range(0, 20).ToList(), cancellationToken: TestContext.Current.CancellationToken);
        await app.WaitForAsync(3);
        await sidecar.WaitForIdleAsync();

        Assert.Equal(5, Count());
    }

    [Fact]
    public async Task Publishing_fails_as_in_daprd_while_the_database_is_locked_and_works_after_that()
    {
        await using var app = await SubscriberAsync();
        await using var sidecar = await TestSidecar.StartAsync(_folder, app, Yaml.Brokers("busyTimeout: 10"));
        await using (var connection = Open())
        {
            await using var locked = await connection.BeginTransactionAsync(TestContext.Current.CancellationToken);

            var error = await Assert.ThrowsAsync<DaprException>(() => sidecar.Dapr.PublishEventAsync("rps", "t", 1, TestContext.Current.CancellationToken));
            using var answer = await sidecar.Http.PostAsync(new Uri("/v1.0/publish/rps/t", UriKind.Relative), null, TestContext.Current.CancellationToken);

            Assert.NotNull(error.InnerException);
            Assert.Equal(500, (int)answer.StatusCode);
            Assert.Contains("ERR_PUBSUB_PUBLISH_MESSAGE", await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        }

        await sidecar.Dapr.PublishEventAsync("rps", "t", 2, TestContext.Current.CancellationToken);
        Assert.Equal(2, Data(Assert.Single(await app.WaitForAsync(1))));
    }

    [Fact]
    public async Task A_stopping_sidecar_waits_for_a_delivery_in_flight_and_settles_it()
    {
        await using var app = await SubscriberAsync();
        app.Answer = HoldAsync;
        await using (var sidecar = await TestSidecar.StartAsync(_folder, app, Yaml.Brokers()))
        {
            await sidecar.Dapr.PublishEventAsync("rps", "t", 1, TestContext.Current.CancellationToken);
            await app.WaitForAsync(1);
            var stopped = sidecar.Host.StopAsync();
            _release.SetResult();

            Assert.True(await stopped);
        }

        Assert.Equal(0, Count());
    }

    [Fact]
    public async Task A_delivery_longer_than_the_grace_period_is_cancelled_and_redelivered_at_the_next_start()
    {
        await using var app = await SubscriberAsync();
        app.Answer = (call, aborted) => app.Deliveries.Count == 1 ? HoldAsync(call, aborted) : Task.FromResult((200, ""));
        await using (var sidecar = await TestSidecar.StartAsync(_folder, app, Yaml.Brokers(), options => options.GracefulShutdown = TimeSpan.FromMilliseconds(50)))
        {
            await sidecar.Dapr.PublishEventAsync("rps", "t", 1, TestContext.Current.CancellationToken);
            await app.WaitForAsync(1);

            Assert.False(await sidecar.Host.StopAsync());
        }

        await using var next = await TestSidecar.StartAsync(_folder, app, Yaml.Brokers());
        await app.WaitForAsync(2);
    }

    [Fact]
    public async Task A_message_that_fails_while_the_sidecar_stops_is_redelivered_at_the_next_start()
    {
        await using var app = await SubscriberAsync();
        app.Answer = async (call, aborted) => app.Deliveries.Count == 1 ? (500, (await HoldAsync(call, aborted)).Body) : (200, "");
        await using (var sidecar = await TestSidecar.StartAsync(_folder, app, Yaml.Brokers()))
        {
            await sidecar.Dapr.PublishEventAsync("rps", "t", 1, TestContext.Current.CancellationToken);
            await app.WaitForAsync(1);
            var stopped = sidecar.Host.StopAsync();
            _release.SetResult();
            await stopped;
        }

        await using var next = await TestSidecar.StartAsync(_folder, app, Yaml.Brokers());
        await app.WaitForAsync(2);
    }

    [Fact]
    public async Task An_app_that_was_down_gets_its_messages_when_it_runs_again()
    {
        var app = await SubscriberAsync();
        await using var sidecar = await TestSidecar.StartAsync(_folder, app, Yaml.Brokers("redeliverInterval: 20"));
        await app.DisposeAsync();

        await sidecar.Dapr.PublishEventAsync("rps", "t", 7, TestContext.Current.CancellationToken);
        await using var back = await FakeApp.StartAsync(app.KnownPort);

        Assert.Equal(7, Data(Assert.Single(await back.WaitForAsync(1))));
        Assert.DoesNotContain(sidecar.Logs, log => log.Level == LogLevel.Error);
    }

    private static int Data(Call call)
    {
        using var envelope = JsonDocument.Parse(call.Body);
        return envelope.RootElement.GetProperty("data").GetInt32();
    }

    private static Task<FakeApp> SubscriberAsync() => FakeApp.StartAsync(configure: app => app.Subscribe("rps", "t"));

    private async Task<(int Status, string Body)> HoldAsync(Call call, CancellationToken aborted)
    {
        await _release.Task.WaitAsync(aborted);
        return (200, "");
    }

    private SqliteConnection Open()
    {
        var connection = new SqliteConnection($"Data Source={Path.Combine(_folder.Path, "broker.db")};Pooling=False");
        connection.Open();
        return connection;
    }

    private long Count()
    {
        using var connection = Open();
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT count(*) FROM messages";
        return (long)(command.ExecuteScalar() ?? 0L);
    }
}
