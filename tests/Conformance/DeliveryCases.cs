using System.Net;

namespace MLEvents.Conformance;

/// <summary>What a subscriber may rely on.</summary>
public abstract class DeliveryCases<TRuntime> : Cases<TRuntime>
    where TRuntime : IRuntime, new()
{
    [Theory]
    [InlineData(200, """{"status":"RETRY"}""")]
    [InlineData(500, "")]
    [InlineData(503, "")]
    public async Task What_is_to_be_retried_comes_again_unchanged_until_it_is_done(int status, string answer)
    {
        var count = 0;
        await using var app = await FakeApp.StartAsync(configure: app => app.Subscribe("pubsub", Topic, DeadLetter).Subscribe("pubsub", DeadTopic));
        app.Answer = (_, _) => Task.FromResult(Interlocked.Increment(ref count) < 4 ? (status, answer) : (200, """{"status":"SUCCESS"}"""));
        await using var dapr = await StartAsync(Setup(app.Port) with { Resources = Retries(-1) });

        using var published = await PublishAsync(dapr, """{"n":1}""");
        var calls = await app.WaitForAsync(4);

        Assert.All(calls, call => Assert.Equal(("/" + Topic, calls[0].Body), (call.Path, call.Body)));
    }

    [Theory]
    [InlineData(200, """{"status":"DROP"}""", 1)]
    [InlineData(404, "", 1)]
    [InlineData(500, "", 3)]
    public async Task What_is_given_up_goes_to_the_dead_letters_unchanged(int status, string answer, int deliveries)
    {
        await using var app = await FakeApp.StartAsync(configure: app => app.Subscribe("pubsub", Topic, DeadLetter).Subscribe("pubsub", DeadTopic));
        app.Answer = (call, _) => Task.FromResult(call.Path == "/" + Topic ? (status, answer) : (200, ""));
        await using var dapr = await StartAsync(Setup(app.Port) with { Resources = Retries(2) });

        using var published = await PublishAsync(dapr, """{"n":1}""");
        var dead = (await app.WaitForAsync(call => call.Path == "/" + DeadTopic, 1))[0];

        var tried = app.Deliveries.Where(call => call.Path == "/" + Topic).ToList();
        Assert.Equal(deliveries, tried.Count);
        Assert.Equal(tried[0].Body, dead.Body);
    }

    [Fact]
    public async Task Replicas_share_the_messages_and_none_gets_another_s()
    {
        await using var one = await FakeApp.StartAsync(configure: app => app.Subscribe("pubsub", Topic));
        await using var other = await FakeApp.StartAsync(configure: app => app.Subscribe("pubsub", Topic));
        await using var first = await StartAsync(Setup(one.Port));
        await using var second = await StartAsync(Setup(other.Port));

        for (var n = 0; n < 20; n++)
        {
            using var published = await PublishAsync(first, $"{n}");
        }

        var bodies = new HashSet<string>();
        while (bodies.Count < 20)
        {
            Token.ThrowIfCancellationRequested();
            bodies.UnionWith(one.Deliveries.Concat(other.Deliveries).Select(call => call.Body));
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, Token);
        }

        Assert.Equal(20, one.Deliveries.Count + other.Deliveries.Count);
    }

    [Fact]
    public async Task Every_app_gets_every_message()
    {
        await using var one = await FakeApp.StartAsync(configure: app => app.Subscribe("pubsub", Topic));
        await using var other = await FakeApp.StartAsync(configure: app => app.Subscribe("pubsub", Topic));
        await using var first = await StartAsync(Setup(one.Port));
        await using var second = await StartAsync(Setup(other.Port) with { AppId = AppId + "-other" });

        using var published = await PublishAsync(first, """{"n":1}""");
        var (here, there) = ((await one.WaitForAsync(1))[0], (await other.WaitForAsync(1))[0]);

        Assert.Equal(here.Body, there.Body);
    }

    [Fact]
    public async Task An_app_is_asked_once_what_it_subscribes_to_and_may_subscribe_to_nothing()
    {
        await using var app = await FakeApp.StartAsync();
        await using var dapr = await StartAsync(Setup(app.Port));

        using var published = await PublishAsync(dapr, "1");

        Assert.Equal(HttpStatusCode.NoContent, published.StatusCode);
        Assert.Single(app.All, call => call.Line == "GET /dapr/subscribe");
        Assert.Empty(app.Deliveries);
    }

    private string DeadLetter => $",\"deadLetterTopic\":\"{DeadTopic}\"";
}

public sealed class DeliveryOnEmbedded : DeliveryCases<EmbeddedSidecar>;

public sealed class DeliveryOnDaprd : DeliveryCases<Daprd>;
