using System.Net;
using System.Net.Sockets;
using System.Text.Json;

namespace MLEvents.Conformance;

/// <summary>Behaviour that a subscriber needs.</summary>
public abstract class DeliveryCases<TRuntime> : Cases<TRuntime>
    where TRuntime : IRuntime, new()
{
    [Theory]
    [InlineData(200, """{"status":"RETRY"}""")]
    [InlineData(500, "")]
    [InlineData(503, "")]
    public async Task A_failed_delivery_is_repeated_unchanged_until_it_succeeds(int status, string answer)
    {
        var count = 0;
        await using var app = await FakeApp.StartAsync(configure: app => app.Subscribe("pubsub", Topic, DeadLetter).Subscribe("pubsub", DeadTopic));
        app.Answer = (_, _) => Task.FromResult(Interlocked.Increment(ref count) < 4 ? (status, answer) : (200, """{"status":"SUCCESS"}"""));
        await using var dapr = await StartAsync(Setup(app.Port) with { Resiliency = Retries(-1) });

        using var published = await PublishAsync(dapr, """{"n":1}""");
        var calls = await app.WaitForAsync(4);

        Assert.All(calls, call => Assert.Equal(("/" + Topic, calls[0].Body), (call.Path, call.Body)));
    }

    /// <summary>With more than one call at a time, daprd 1.17 can acknowledge a message whose call got no answer (docs/decisions/128-one-call-at-a-time.md).</summary>
    [Fact]
    public async Task With_one_call_at_a_time_no_message_is_acknowledged_while_the_app_closes_each_connection()
    {
        const int Messages = 40;
        const int Calls = 4_000;
        var app = await FakeApp.StartAsync(configure: app => app.Subscribe("pubsub", Topic));
        await using var dapr = await StartAsync(Setup(app.Port) with { AppMaxConcurrency = 1, Resiliency = Retries(-1).Replace("50ms", "5ms", StringComparison.Ordinal) });
        await app.DisposeAsync();
        using (var closing = new TcpListener(IPAddress.Loopback, app.KnownPort))
        {
            closing.Start();
            for (var message = 0; message < Messages; message++)
            {
                using var published = await PublishAsync(dapr, $$"""{"n":{{message}}}""");
            }

            for (var call = 0; call < Calls; call++)
            {
                using var connection = await closing.AcceptTcpClientAsync(Token);
            }
        }

        await using var again = await FakeApp.StartAsync(app.KnownPort);
        await again.WaitForAsync(Messages);

        Assert.Equal(Messages, again.Deliveries.Select(call => call.Body).Distinct().Count());
    }

    [Theory]
    [InlineData(200, """{"status":"DROP"}""", 1)]
    [InlineData(404, "", 1)]
    [InlineData(500, "", 3)]
    public async Task A_message_that_the_app_drops_or_whose_last_retry_fails_is_dead_lettered_unchanged(int status, string answer, int deliveries)
    {
        await using var app = await FakeApp.StartAsync(configure: app => app.Subscribe("pubsub", Topic, DeadLetter).Subscribe("pubsub", DeadTopic));
        app.Answer = (call, _) => Task.FromResult(call.Path == "/" + Topic ? (status, answer) : (200, ""));
        await using var dapr = await StartAsync(Setup(app.Port) with { Resiliency = Retries(2) });

        using var published = await PublishAsync(dapr, """{"n":1}""");
        var dead = (await app.WaitForAsync(call => call.Path == "/" + DeadTopic, 1))[0];

        var tried = app.Deliveries.Where(call => call.Path == "/" + Topic).ToList();
        Assert.Equal(deliveries, tried.Count);
        Assert.Equal(tried[0].Body, dead.Body);
    }

    [Fact]
    public async Task Replicas_share_the_messages_and_each_message_is_delivered_once()
    {
        await using var one = await FakeApp.StartAsync(configure: app => app.Subscribe("pubsub", Topic));
        await using var other = await FakeApp.StartAsync(configure: app => app.Subscribe("pubsub", Topic));
        await using var first = await StartAsync(Setup(one.Port));
        await using var second = await StartAsync(Setup(other.Port));

        for (var n = 0; n < 20; n++)
        {
            using var published = await PublishAsync(first, $"{n}");
        }

        await Poll.UntilAsync(() => one.Deliveries.Concat(other.Deliveries).Select(call => call.Body).Distinct().Count() == 20, Token);

        Assert.Equal(20, one.Deliveries.Count + other.Deliveries.Count);
    }

    /// <summary>This case has no bulk subscription, because daprd 1.17 can acknowledge a message of a bulk subscription if daprd stops while it retries the message.</summary>
    [Fact]
    public async Task A_message_that_is_retried_while_the_runtime_stops_is_delivered_after_the_next_start()
    {
        var status = 500;
        await using var app = await FakeApp.StartAsync(configure: app => app.Subscribe("pubsub", Topic, DeadLetter));
        app.Answer = (_, _) => Task.FromResult((Volatile.Read(ref status), ""));

        // The next runtime gets the messages of the stopped runtime after this time, in milliseconds.
        var setup = Setup(app.Port) with { Resiliency = Retries(-1), PubSub = ["processingTimeout: 5000"] };
        await using var first = await StartAsync(setup);
        for (var n = 0; n < 10; n++)
        {
            using var published = await PublishAsync(first, $"{n}");
        }

        await Poll.UntilAsync(() => Different(app.Deliveries) == 10, Token);
        await first.StopAsync();
        var failed = app.Deliveries.Count;
        Volatile.Write(ref status, 200);
        await using var second = await StartAsync(setup);
        await Poll.UntilAsync(() => Different(app.Deliveries.Skip(failed)) == 10, Token);

        static int Different(IEnumerable<Call> calls) => calls.Select(call => call.Body).Distinct().Count();
    }

    [Fact]
    public async Task Every_app_gets_every_message()
    {
        await using var one = await FakeApp.StartAsync(configure: app => app.Subscribe("pubsub", Topic));
        await using var other = await FakeApp.StartAsync(configure: app => app.Subscribe("pubsub", Topic));
        await using var first = await StartAsync(Setup(one.Port));
        await using var second = await StartAsync(Setup(other.Port) with { AppId = AppId + "-other" });

        using var published = await PublishAsync(first, """{"n":1}""");
        var (ofOne, ofOther) = ((await one.WaitForAsync(1))[0], (await other.WaitForAsync(1))[0]);

        Assert.Equal(ofOne.Body, ofOther.Body);
    }

    [Fact]
    public async Task An_app_is_asked_once_for_its_subscriptions_and_may_have_none()
    {
        await using var app = await FakeApp.StartAsync();
        await using var dapr = await StartAsync(Setup(app.Port));

        using var published = await PublishAsync(dapr, "1");

        Assert.Equal(HttpStatusCode.NoContent, published.StatusCode);
        Assert.Single(app.All, call => call.Line == "GET /dapr/subscribe");
        Assert.Empty(app.Deliveries);
    }

    [Fact]
    public async Task An_event_whose_expiration_has_passed_is_dropped_and_the_next_one_is_delivered()
    {
        await using var app = await FakeApp.StartAsync(configure: app => app.Subscribe("pubsub", Topic));
        await using var dapr = await StartAsync(Setup(app.Port));

        using var expired = await PublishAsync(dapr, Event("expired", "\"expiration\":\"2020-01-01T00:00:00Z\""), CloudEvents);
        using var valid = await PublishAsync(dapr, Event("valid", "\"expiration\":\"2099-01-01T00:00:00Z\""), CloudEvents);
        var call = (await app.WaitForAsync(1))[0];

        Assert.Equal((HttpStatusCode.NoContent, HttpStatusCode.NoContent), (expired.StatusCode, valid.StatusCode));
        Assert.Contains("\"id\":\"valid\"", call.Body, StringComparison.Ordinal);
        Assert.Single(app.Deliveries);
    }

    [Fact]
    public async Task Attributes_named_topic_and_pubsubname_are_replaced_and_an_absent_subject_stays_absent()
    {
        await using var app = await FakeApp.StartAsync(configure: app => app.Subscribe("pubsub", Topic));
        await using var dapr = await StartAsync(Setup(app.Port));

        using var published = await PublishAsync(dapr, Event("e1", "\"topic\":\"theirs\",\"pubsubname\":\"theirs\",\"myext\":\"kept\""), CloudEvents);
        var call = (await app.WaitForAsync(1))[0];

        using var envelope = JsonDocument.Parse(call.Body);
        string? Member(string name) => envelope.RootElement.GetProperty(name).GetString();
        Assert.Equal((Topic, "pubsub", "kept"), (Member("topic"), Member("pubsubname"), Member("myext")));
        Assert.False(envelope.RootElement.TryGetProperty("subject", out _));
    }

    private const string CloudEvents = "application/cloudevents+json";

    private static string Event(string id, string more) => $$"""{"specversion":"1.0","id":"{{id}}","source":"/s","type":"T",{{more}}}""";

    private string DeadLetter => $",\"deadLetterTopic\":\"{DeadTopic}\"";
}

public sealed class DeliveryOnEmbedded : DeliveryCases<EmbeddedSidecar>;

public sealed class DeliveryOnDaprd : DeliveryCases<Daprd>;
