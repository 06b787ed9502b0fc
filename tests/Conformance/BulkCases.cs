using System.Collections.Concurrent;
using System.Net;
using System.Text.Json;

namespace MLEvents.Conformance;

/// <summary>Behaviour that an app with bulk subscriptions needs.</summary>
public abstract class BulkCases<TRuntime> : Cases<TRuntime>
    where TRuntime : IRuntime, new()
{
    private const string Bulk = ",\"bulkSubscribe\":{\"enabled\":true,\"maxMessagesCount\":10,\"maxAwaitDurationMs\":20}";

    [Fact]
    public async Task A_bulk_request_names_its_topic_and_holds_an_entry_for_each_message()
    {
        await using var app = await SubscriberAsync((call, _) => call.AnswerSuccess());
        await using var dapr = await StartAsync(Setup(app.Port));

        await PublishAsync(dapr, 3);
        await AllArrivedAsync(app, 3);

        var call = app.Deliveries[0];
        Assert.Equal(("application/json", "pubsub"), (call.Headers["Content-Type"], call.Headers["Pubsubname"]));
        using var body = JsonDocument.Parse(call.Body);
        string? Member(string name) => body.RootElement.GetProperty(name).GetString();
        Assert.Equal((Topic, "pubsub", "com.dapr.event.sent.bulk"), (Member("topic"), Member("pubsubname"), Member("type")));
        Assert.True(Guid.TryParse(Member("id"), out _));
        Assert.All(app.Deliveries.SelectMany(delivery => delivery.Entries()), entry =>
        {
            Assert.NotEqual("", entry.GetProperty("entryId").GetString());
            Assert.Equal("application/cloudevents+json", entry.GetProperty("contentType").GetString());
            Assert.Equal(Topic, entry.GetProperty("event").GetProperty("topic").GetString());
        });
    }

    [Fact]
    public async Task Handled_messages_are_delivered_once()
    {
        await using var app = await SubscriberAsync((call, _) => call.AnswerSuccess());
        await using var dapr = await StartAsync(Setup(app.Port));

        await PublishAsync(dapr, 20);
        await AllArrivedAsync(app, 20);

        Assert.Equal(Enumerable.Range(0, 20), app.Deliveries.SelectMany(call => call.Data()).Select(int.Parse).Order());
    }

    [Theory]
    [InlineData("RETRY")]
    [InlineData("")]
    [InlineData("UNKNOWN")]
    [InlineData(null)]
    public async Task Only_the_entries_that_failed_are_retried(string? status)
    {
        await using var app = await SubscriberAsync((call, attempt) => call.AnswerEach((entry, _) => attempt < 4 && Number(entry) == 1 ? status : "SUCCESS"));
        await using var dapr = await StartAsync(Setup(app.Port) with { Resiliency = Retries(-1) });

        await PublishAsync(dapr, 3);
        await Poll.UntilAsync(() => app.Deliveries.SelectMany(call => call.Data()).Count(data => data == "1") > 1 && app.Deliveries.Count >= 4, Token);

        var delivered = app.Deliveries.SelectMany(call => call.Data()).ToList();
        Assert.Equal((1, 1), (delivered.Count(data => data == "0"), delivered.Count(data => data == "2")));
    }

    [Theory]
    [InlineData("DROP", 1)]
    [InlineData("RETRY", 3)]
    public async Task An_entry_that_the_app_drops_or_whose_last_retry_fails_is_dead_lettered(string status, int deliveries)
    {
        await using var app = await SubscriberAsync((call, _) => call.IsBulk() ? call.AnswerEach((entry, _) => Number(entry) == 1 ? status : "SUCCESS") : (200, ""));
        await using var dapr = await StartAsync(Setup(app.Port) with { Resiliency = Retries(2) });

        await PublishAsync(dapr, 3);
        var dead = (await app.WaitForAsync(call => call.Path == "/" + DeadTopic, 1))[0];

        using var envelope = JsonDocument.Parse(dead.Body);
        Assert.Equal(1, envelope.RootElement.GetProperty("data").GetInt32());
        Assert.Equal(deliveries, app.Deliveries.Where(call => call.IsBulk()).SelectMany(call => call.Data()).Count(data => data == "1"));
    }

    [Theory]
    [InlineData(500, "")]
    [InlineData(200, "")]
    [InlineData(200, """{"status":"SUCCESS"}""")]
    public async Task All_entries_are_retried_if_the_answer_contains_no_statuses(int status, string answer)
    {
        await using var app = await SubscriberAsync((call, attempt) => attempt == 1 ? (status, answer) : call.AnswerSuccess());
        await using var dapr = await StartAsync(Setup(app.Port) with { Resiliency = Retries(-1) });

        await PublishAsync(dapr, 1);

        Assert.Equal(["0", "0"], (await app.WaitForAsync(2)).SelectMany(call => call.Data()));
    }

    /// <summary>
    /// If calls of daprd 1.17 overlap, a call without an answer can end as status 200 with an empty body. A bulk subscription must not acknowledge the messages
    /// of such a call (docs/decisions/134-bulk-deliveries-may-overlap.md). Each topic has one message, and a round ends when the calls of all topics are under way.
    /// If daprd acknowledges the message of a topic too early, the next round therefore never ends.
    /// </summary>
    [Theory]
    [InlineData("")]
    [InlineData("{\"statuses\":[")]
    public async Task Without_a_limit_on_simultaneous_calls_no_message_is_acknowledged_while_the_app_aborts_overlapping_calls(string answer)
    {
        const int Rounds = 500;
        string[] topics = [.. Enumerable.Range(0, 16).Select(number => $"{Topic}-{number}")];
        var (calls, handled) = (new OverlappingCalls(topics.Length, Rounds), new ConcurrentDictionary<string, int>());
        await using var app = await FakeApp.StartAsync(configure: app => Array.ForEach(topics, topic => app.Subscribe("pubsub", topic, Bulk)));
        app.Answer = async (call, stop) =>
        {
            if (await calls.HoldAsync(stop))
            {
                return (FakeApp.Abort, answer);
            }

            handled.TryAdd(call.Path, call.Entries().Count);
            return call.AnswerSuccess();
        };
        await using var dapr = await StartAsync(Setup(app.Port) with { Resiliency = Retries(-1).Replace("50ms", "1ms", StringComparison.Ordinal) });
        foreach (var topic in topics)
        {
            using var body = Body("1");
            using var published = await dapr.Http.PostAsync(At($"/v1.0/publish/pubsub/{topic}"), body, Token);
        }

        await Poll.UntilAsync(_ => Task.FromResult(calls.Ended), ended => ended == Rounds, Token, deadline: TimeSpan.FromMinutes(3));
        await Poll.UntilAsync(_ => Task.FromResult(handled.Count), count => count == topics.Length, Token);
    }

    private static int Number(JsonElement entry) => entry.GetProperty("event").GetProperty("data").GetInt32();

    private static Task AllArrivedAsync(FakeApp app, int count) =>
        Poll.UntilAsync(() => app.Deliveries.SelectMany(call => call.Data()).Distinct().Count() == count, Token);

    private async Task<FakeApp> SubscriberAsync(Func<Call, int, (int Status, string Body)> answer)
    {
        var attempt = 0;
        var app = await FakeApp.StartAsync(configure: app => app.Subscribe("pubsub", Topic, $"{Bulk},\"deadLetterTopic\":\"{DeadTopic}\"").Subscribe("pubsub", DeadTopic));
        app.Answer = (call, _) => Task.FromResult(answer(call, Interlocked.Increment(ref attempt)));
        return app;
    }

    private async Task PublishAsync(RunningDapr dapr, int count)
    {
        var entries = Enumerable.Range(0, count).Select(number => $$"""{"entryId":"e{{number}}","event":{{number}},"contentType":"application/json"}""");
        using var body = Body($"[{string.Join(',', entries)}]");
        using var published = await dapr.Http.PostAsync(At($"/v1.0-alpha1/publish/bulk/pubsub/{Topic}"), body, Token);
        Assert.Equal(HttpStatusCode.NoContent, published.StatusCode);
    }
}

public sealed class BulkOnEmbedded : BulkCases<EmbeddedSidecar>;

public sealed class BulkOnDaprd : BulkCases<Daprd>;
