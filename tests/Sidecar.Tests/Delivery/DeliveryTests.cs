using System.Text;
using System.Text.Json;

using Microsoft.Extensions.Logging;

using MLEvents.Local.Sidecar.Delivery;
using MLEvents.Local.Sidecar.Tests.Infrastructure;

namespace MLEvents.Local.Sidecar.Tests.Delivery;

public sealed class DeliveryTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_dead_letter_has_the_body_and_headers_of_the_original_message()
    {
        await using var app = await FakeApp.StartAsync();
        app.Subscribe("rps", "t", ",\"deadLetterTopic\":\"dead\"").Subscribe("rps", "dead");
        app.Answer = (call, _) => Task.FromResult((call.Path == "/t" ? 500 : 200, ""));
        await using var sidecar = await TestSidecar.StartAsync(_folder, app, Yaml.Brokers());

        await sidecar.Dapr.PublishEventAsync("rps", "t", 1, new Dictionary<string, string> { ["foo"] = "bar" }, TestContext.Current.CancellationToken);
        var (original, dead) = await app.WaitForAsync(2) is [var first, var second] ? (first, second) : throw new InvalidOperationException();

        Assert.Equal(("/t", "/dead"), (original.Path, dead.Path));
        Assert.Equal(original.Body, dead.Body);
        Assert.Equal((original.Headers["Foo"], original.Headers["Pubsubname"]), (dead.Headers["Foo"], dead.Headers["Pubsubname"]));
        using var envelope = JsonDocument.Parse(dead.Body);
        Assert.Equal("t", envelope.RootElement.GetProperty("topic").GetString());
    }

    [Theory]
    [InlineData("""{"STATUS":"DROP"}""", "Drop")]
    [InlineData("""{"status":"RETRY","Status":"DROP"}""", "Drop")]
    [InlineData("""{"status":"DROP","status":null}""", "Drop")]
    [InlineData("""{"status":"DROP","status":5}""", "Success")]
    [InlineData("""{"status":"drop"}""", "Retry")]
    [InlineData(""" {"status":"DROP"} and more""", "Drop")]
    [InlineData("""{"status":"RETRY"}{"status":"DROP"}""", "Retry")]
    [InlineData("""{"status":"DROP", """, "Success")]
    [InlineData("""[] {"status":"DROP"}""", "Success")]
    [InlineData("null", "Success")]
    [InlineData("", "Success")]
    public void The_status_of_an_answer_is_read_as_Go_decodes_JSON(string body, string expected) =>
        Assert.Equal(expected, AppResponseStatuses.Classify(new AppResponse(200, Encoding.UTF8.GetBytes(body))).ToString());

    [Fact]
    public async Task The_app_token_is_sent_with_every_call_to_the_app()
    {
        await using var app = await FakeApp.StartAsync(configure: app => app.Subscribe("rps", "t"));
        await using var sidecar = await TestSidecar.StartAsync(_folder, app, Yaml.Brokers(), options => options.AppApiToken = "apptok");

        await sidecar.Dapr.PublishEventAsync("rps", "t", 1, TestContext.Current.CancellationToken);
        await app.WaitForAsync(1);

        Assert.All(app.All, call => Assert.Equal("apptok", call.Headers["Dapr-Api-Token"]));
    }

    [Fact]
    public async Task The_app_never_gets_more_calls_at_once_than_its_maximum_concurrency()
    {
        var (running, most, counting) = (0, 0, new Lock());
        await using var app = await FakeApp.StartAsync(configure: app => app.Subscribe("rps", "t"));
        app.Answer = async (_, _) =>
        {
            var now = Interlocked.Increment(ref running);
            lock (counting)
            {
                most = Math.Max(most, now);
            }

            await Task.Yield();
            Interlocked.Decrement(ref running);
            return (200, "");
        };
        await using var sidecar = await TestSidecar.StartAsync(_folder, app, Yaml.Brokers(), options => options.AppMaxConcurrency = 1);

        await sidecar.Dapr.BulkPublishEventAsync("rps", "t", Enumerable.Range(0, 30).ToList(), cancellationToken: TestContext.Current.CancellationToken);
        await app.WaitForAsync(30);

        Assert.Equal(1, most);
    }

    [Fact]
    public async Task An_open_breaker_dead_letters_messages_without_a_call_to_the_app()
    {
        const string Policy = """
            kind: Resiliency
            metadata: {name: r}
            spec:
              policies: {circuitBreakers: {c: {trip: consecutiveFailures >= 2, timeout: 1h}}}
              targets: {components: {rps: {inbound: {circuitBreaker: c}}}}
            """;
        await using var app = await FakeApp.StartAsync();
        app.Subscribe("rps", "t", ",\"deadLetterTopic\":\"dead\"");
        app.Answer = (_, _) => Task.FromResult((500, ""));
        await using var sidecar = await TestSidecar.StartAsync(_folder, app, Yaml.Brokers("concurrency: 1") + Policy);

        await sidecar.Dapr.BulkPublishEventAsync("rps", "t", Enumerable.Range(0, 5).ToList(), cancellationToken: TestContext.Current.CancellationToken);
        await sidecar.WaitForIdleAsync();

        Assert.Equal(2, app.Deliveries.Count);
        var metrics = await sidecar.Http.GetStringAsync(new Uri("/metrics", UriKind.Relative), TestContext.Current.CancellationToken);
        Assert.Contains("sidecar_backlog_waiting{pubsub=\"rps\",topic=\"dead\",group=\"\"} 5", metrics, StringComparison.Ordinal);
        Assert.Contains("sidecar_delivered_total{pubsub=\"rps\",topic=\"t\",outcome=\"DeadLetter\"} 5", metrics, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_message_that_is_not_JSON_is_logged_as_an_error_if_the_subscription_is_not_raw()
    {
        await using var app = await FakeApp.StartAsync(configure: app => app.Subscribe("rps", "t"));
        await using var sidecar = await TestSidecar.StartAsync(_folder, app, Yaml.Brokers());
        using var body = new StringContent("plain");

        await sidecar.Http.PostAsync(new Uri("/v1.0/publish/rps/t?metadata.rawPayload=true", UriKind.Relative), body, TestContext.Current.CancellationToken);
        await sidecar.WaitForIdleAsync();

        Assert.Empty(app.Deliveries);
        Assert.Contains(sidecar.Logs, log => log.Level == LogLevel.Error && log.Message.Contains("not a JSON object", StringComparison.Ordinal));
    }
}
