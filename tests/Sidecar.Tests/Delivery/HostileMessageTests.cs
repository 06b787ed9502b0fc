using System.Globalization;
using System.Text.Json;

using Microsoft.Extensions.Logging;

using MLEvents.Local.Sidecar.Tests.Infrastructure;

namespace MLEvents.Local.Sidecar.Tests.Delivery;

/// <summary>Malformed and malicious messages are delivered or dead-lettered, and cause no damage.</summary>
public sealed class HostileMessageTests : IDisposable
{
    private readonly TempFolder _folder = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Metadata_cannot_add_a_second_header_and_cannot_replace_headers_of_the_sidecar()
    {
        await using var app = await SubscriberAsync();
        await using var sidecar = await TestSidecar.StartAsync(_folder, app, Yaml.Brokers(), options => options.AppApiToken = "apptok");
        var metadata = new Dictionary<string, string>
        {
            ["foo"] = "é\r\nX-Evil: 1",
            ["dapr-api-token"] = "stolen",
            ["host"] = "evil",
            ["pubsubname"] = "other",
            ["transfer-encoding"] = "chunked",
            ["no name"] = "x",
        };

        await sidecar.Dapr.PublishEventAsync("rps", "t", 1, metadata, Token);
        var headers = Assert.Single(await app.WaitForAsync(1)).Headers;

        Assert.Equal("é  X-Evil: 1", headers["Foo"]);
        Assert.Equal(("apptok", "rps", $"127.0.0.1:{app.Port}"), (headers["Dapr-Api-Token"], headers["Pubsubname"], headers["Host"]));
        Assert.False(headers.ContainsKey("X-Evil") || headers.ContainsKey("Transfer-Encoding"));
    }

    [Fact]
    public async Task Text_that_is_not_valid_unicode_arrives_with_replacement_characters()
    {
        await using var app = await SubscriberAsync();
        await using var sidecar = await TestSidecar.StartAsync(_folder, app, Yaml.Brokers());
        byte[] json = [.. "{\"a\":\"caf"u8, 0xE9, .. "\",\"b\\ud800\":\"\\uDC00\\\\ud800\\ud83d\\ude00\"}"u8];
        using var body = new ByteArrayContent(json);
        body.Headers.ContentType = new("application/json");

        using var answer = await sidecar.Http.PostAsync(new Uri("/v1.0/publish/rps/t", UriKind.Relative), body, Token);

        Assert.Equal(204, (int)answer.StatusCode);
        using var envelope = JsonDocument.Parse(Assert.Single(await app.WaitForAsync(1)).Body);
        var data = envelope.RootElement.GetProperty("data");
        Assert.Equal("caf\ufffd", data.GetProperty("a").GetString());
        Assert.Equal("\ufffd\\ud800\U0001F600", data.GetProperty("b\ufffd").GetString());
    }

    [Theory]
    [InlineData("/v1.0/publish/rps/t", "{0}")]
    [InlineData("/v1.0/publish/bulk/rps/t", "[{{\"entryId\":\"1\",\"contentType\":\"application/json\",\"event\":{0}}}]")]
    public async Task Data_of_the_greatest_allowed_depth_is_delivered(string path, string format)
    {
        await using var app = await SubscriberAsync();
        await using var sidecar = await TestSidecar.StartAsync(_folder, app, Yaml.Brokers());
        var deepest = new string('[', 1024) + new string(']', 1024);
        using var body = new StringContent(string.Format(CultureInfo.InvariantCulture, format, deepest), null, "application/json");

        using var answer = await sidecar.Http.PostAsync(new Uri(path, UriKind.Relative), body, Token);

        Assert.Equal(204, (int)answer.StatusCode);
        Assert.Contains(deepest, Assert.Single(await app.WaitForAsync(1)).Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_delivery_of_a_raw_message_has_the_same_event_id()
    {
        const string Policy = """
            kind: Resiliency
            metadata: {name: r}
            spec:
              policies: {retries: {r: {policy: constant, duration: 1ms, maxRetries: 3}}}
              targets: {components: {rps: {inbound: {retry: r}}}}
            """;
        await using var app = await FakeApp.StartAsync(configure: app => app.Subscribe("rps", "t", ",\"metadata\":{\"rawPayload\":\"true\"}"));
        app.Answer = (_, _) => Task.FromResult((app.Deliveries.Count < 3 ? 500 : 200, ""));
        await using var sidecar = await TestSidecar.StartAsync(_folder, app, Yaml.Brokers() + Policy);

        await sidecar.Dapr.PublishEventAsync("rps", "t", 1, Token);

        Assert.Single((await app.WaitForAsync(3)).Select(call => call.Body).Distinct());
    }

    [Theory]
    [InlineData("\\u0000")]
    [InlineData("\\r\\nX-Evil: 1")]
    [InlineData("not-a-trace-parent")]
    public async Task Events_with_an_invalid_trace_parent_are_delivered_without_a_trace(string parent)
    {
        await using var app = await SubscriberAsync();
        await using var sidecar = await TestSidecar.StartAsync(_folder, app, Yaml.Brokers() + UnlimitedRetries);
        for (var id = 0; id < 10; id++)
        {
            await PublishCloudEventAsync(sidecar, $$"""{"specversion":"1.0","id":"{{id}}","source":"/s","type":"T","traceparent":"{{parent}}"}""");
        }

        await PublishCloudEventAsync(sidecar, """{"specversion":"1.0","id":"good","source":"/s","type":"T"}""");
        var calls = await app.WaitForAsync(11);

        Assert.Equal(11, calls.Select(call => call.Body).Distinct().Count());
        Assert.All(calls, call => Assert.Equal("00-00000000000000000000000000000000-0000000000000000-00", call.Headers["Traceparent"]));
        Assert.All(calls, call => Assert.False(call.Headers.ContainsKey("X-Evil")));
    }

    [Fact]
    public async Task A_message_that_cannot_be_sent_as_a_request_goes_to_the_dead_letters_at_once()
    {
        await using var app = await FakeApp.StartAsync(configure: app => app.Subscriptions = """
            [{"pubsubname":"rps","topic":"t","route":"http://[","deadLetterTopic":"dead"},{"pubsubname":"rps","topic":"dead","route":"/dead"}]
            """);
        await using var sidecar = await TestSidecar.StartAsync(_folder, app, Yaml.Brokers() + UnlimitedRetries);

        await sidecar.Dapr.PublishEventAsync("rps", "t", 1, Token);

        Assert.Equal("/dead", Assert.Single(await app.WaitForAsync(1)).Path);
        await sidecar.WaitForIdleAsync();
        Assert.Single(sidecar.Logs, log => log.Level == LogLevel.Error && log.Message.Contains("cannot be sent as an HTTP request", StringComparison.Ordinal));
    }

    private const string UnlimitedRetries = """
        kind: Resiliency
        metadata: {name: r}
        spec:
          policies: {retries: {r: {policy: constant, duration: 1ms, maxRetries: -1}}}
          targets: {components: {rps: {inbound: {retry: r}}}}
        """;

    private static async Task PublishCloudEventAsync(TestSidecar sidecar, string json)
    {
        using var body = new StringContent(json, null, "application/cloudevents+json");
        using var answer = await sidecar.Http.PostAsync(new Uri("/v1.0/publish/rps/t", UriKind.Relative), body, Token);
        Assert.Equal(204, (int)answer.StatusCode);
    }

    private static Task<FakeApp> SubscriberAsync() => FakeApp.StartAsync(configure: app => app.Subscribe("rps", "t"));
}
