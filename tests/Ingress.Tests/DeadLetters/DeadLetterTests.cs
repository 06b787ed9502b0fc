using System.Text;
using System.Text.Json;

using MLEvents.Events;
using MLEvents.Ingress.DeadLetters;
using MLEvents.State;
using MLEvents.Tests.Common;
using MLEvents.Tests.Services;

namespace MLEvents.Ingress.Tests.DeadLetters;

public sealed class DeadLetterTests
{
    private const string Letter = """{"data":{"runTags":{"mlevents.correlation":"chain-1"}},"id":"e-1","pubsubname":"pubsub","source":"/ws","specversion":"1.0","subject":"runs/1","topic":"run-completed","type":"Microsoft.MachineLearningServices.RunCompleted"}""";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_message_that_several_services_dropped_is_stored_once_and_its_replay_publishes_it_with_its_id()
    {
        await using var fixture = await DeadLettersFixture.StartAsync(Token);
        await using var subscriber = await TopicSubscriber.SubscribeAsync(fixture, Topics.RunCompleted, Token);
        await DeliverAsync(fixture, Letter);
        await DeliverAsync(fixture, Letter.Replace("\"topic\"", "\"traceparent\":\"00-1\",\"topic\"", StringComparison.Ordinal));

        var stored = await fixture.OnlyAsync(Topics.DeadLetters, Token);
        var (status, body) = await fixture.AskAsync(HttpMethod.Post, $"/dead-letters/{stored.GetProperty("id").GetString()}/replay", Token);

        Assert.Equal(("run-completed", "e-1", "/ws"), (stored.GetProperty("topic").GetString(), stored.GetProperty("event").GetProperty("id").GetString(), stored.GetProperty("event").GetProperty("source").GetString()));
        Assert.Equal((200, 1), (status, body.GetProperty("published").GetInt32()));
        var again = await subscriber.Seen.FirstAsync(_ => true, Token);
        Assert.Equal(("e-1", "/ws", "chain-1"), (again.Id, again.Source, Correlation.IdOf(again)));
        Assert.Equal("replayed", (await fixture.OnlyAsync(Topics.DeadLetters, Token)).GetProperty("state").GetString());
    }

    [Fact]
    public async Task Each_forced_replay_has_its_own_token_and_a_failed_replay_is_stored_as_the_same_dead_letter()
    {
        await using var fixture = await DeadLettersFixture.StartAsync(Token);
        await using var subscriber = await TopicSubscriber.SubscribeAsync(fixture, Topics.RunCompleted, Token, drops: 2);
        using var taken = await fixture.PostEventsAsync("""[{"id":"e-4","topic":"/ws","eventType":"Microsoft.MachineLearningServices.RunCompleted","data":{"n":1.0}}]""", Token);
        var stored = await fixture.OnlyAsync(Topics.DeadLetters, Token);
        var path = $"/dead-letters/{stored.GetProperty("id").GetString()}/replay";

        await fixture.AskAsync(HttpMethod.Post, path + "?force=true", Token);
        await fixture.Service.AskUntilAsync("/dead-letters", list => LastReceived(list.GetProperty("items")[0]) > LastReceived(stored), Token);
        await fixture.OnlyAsync(Topics.DeadLetters, Token);
        foreach (var force in (string[])["true", "true", "false"])
        {
            await fixture.AskAsync(HttpMethod.Post, $"{path}?force={force}", Token);
        }

        await subscriber.Seen.FirstAsync(_ => subscriber.Seen.All.Count == 3, Token);
        var tokens = subscriber.Seen.All.Select(ForcedReplay.TokenOf).ToList();
        Assert.Equal((3, 1), (tokens.Distinct().Count(), tokens.Count(token => token is null)));
        var issued = new ForcedReplays(fixture.Fixture.Dapr);
        foreach (var token in tokens.OfType<string>())
        {
            Assert.True(await issued.IsIssuedAsync(token, "/ws", "e-4", Token));
            Assert.False(await issued.IsIssuedAsync(token, "/ws", "e-5", Token));
        }

        Assert.All(subscriber.Seen.All, seen => Assert.Equal(("e-4", "/ws", """{"n":1.0}"""), (seen.Id, seen.Source, seen.Data.GetRawText())));
    }

    [Fact]
    public async Task A_message_that_a_service_drops_is_stored_and_its_replay_is_delivered_to_the_service()
    {
        await using var fixture = await DeadLettersFixture.StartAsync(Token);
        await using var subscriber = await TopicSubscriber.SubscribeAsync(fixture, Topics.RunCompleted, Token, drops: 1);
        using var taken = await fixture.PostEventsAsync("""[{"id":"e-3","topic":"/ws","eventType":"Microsoft.MachineLearningServices.RunCompleted","data":{"n":1.0}}]""", Token);
        var stored = await fixture.OnlyAsync(Topics.DeadLetters, Token);

        var (status, _) = await fixture.AskAsync(HttpMethod.Post, $"/dead-letters/{stored.GetProperty("id").GetString()}/replay", Token);

        Assert.Equal(200, status);
        var got = await subscriber.Seen.FirstAsync(_ => true, Token);
        Assert.Equal(("e-3", "/ws", """{"n":1.0}"""), (got.Id, got.Source, got.Data.GetRawText()));
        Assert.Equal("replayed", (await fixture.OnlyAsync(Topics.DeadLetters, Token)).GetProperty("state").GetString());
    }

    [Fact]
    public async Task A_message_that_fails_again_after_its_replay_is_open_again()
    {
        await using var fixture = await DeadLettersFixture.StartAsync(Token);
        await DeliverAsync(fixture, Letter);
        var id = (await fixture.OnlyAsync(Topics.DeadLetters, Token)).GetProperty("id").GetString();
        await fixture.AskAsync(HttpMethod.Post, $"/dead-letters/{id}/replay", Token);

        await DeliverAsync(fixture, Letter);

        Assert.Equal("open", (await fixture.OnlyAsync(Topics.DeadLetters, Token)).GetProperty("state").GetString());
    }

    [Fact]
    public async Task A_message_that_a_sidecar_dead_letters_is_stored_byte_for_byte()
    {
        await using var fixture = await DeadLettersFixture.StartAsync(Token);
        var workflowEvent = SampleEvents.Create("RunCompleted", id: "e-2");
        await fixture.Fixture.Dapr.PublishByteEventAsync(
            Topics.PubSub, Topics.DeadLetters, Encoding.UTF8.GetBytes(workflowEvent.Envelope.GetRawText()), "application/cloudevents+json", cancellationToken: Token);

        var stored = await fixture.OnlyAsync(Topics.DeadLetters, Token);

        var (_, shown) = await fixture.AskAsync(HttpMethod.Get, "/dead-letters/" + stored.GetProperty("id").GetString(), Token);
        var raw = Encoding.UTF8.GetString(shown.GetProperty("raw").GetBytesFromBase64());
        Assert.Equal(await fixture.Fixture.DeadLetters.FirstAsync(_ => true, Token), raw);
        Assert.Equal("e-2", shown.GetProperty("event").GetProperty("id").GetString());
    }

    [Theory]
    [InlineData("no json", "not a CloudEvents envelope")]
    [InlineData("[1]", "not a CloudEvents envelope")]
    [InlineData("""{"id":"1","source":"/s","type":"t"}""", "has no topic to which it can be published")]
    [InlineData("""{"id":"1","source":"/s","type":"t","topic":"dead-letters"}""", "has no topic to which it can be published")]
    public async Task A_message_that_cannot_be_read_or_replayed_is_stored_and_its_replay_gives_the_reason(string message, string reason)
    {
        await using var fixture = await DeadLettersFixture.StartAsync(Token);
        await DeliverAsync(fixture, message);
        var stored = await fixture.OnlyAsync(Topics.DeadLetters, Token);

        var (status, problem) = await fixture.AskAsync(HttpMethod.Post, $"/dead-letters/{stored.GetProperty("id").GetString()}/replay", Token);

        Assert.Equal(422, status);
        Assert.Contains(reason, problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.Equal("open", (await fixture.OnlyAsync(Topics.DeadLetters, Token)).GetProperty("state").GetString());
    }

    [Theory]
    [InlineData(Topics.WorkflowActivity)]
    [InlineData(Topics.Approvals)]
    public async Task A_replay_to_a_topic_to_which_the_ingress_may_not_publish_is_refused_and_names_who_can_publish(string topic)
    {
        await using var fixture = await DeadLettersFixture.StartAsync(Token);
        await fixture.Fixture.StopSidecarAsync();
        fixture.Fixture.Component(Topics.PubSub, "pubsub.embedded", ("path", "pubsub.db"), ("publishingScopes", "ingress=run-completed,quarantine;deployer=workflow-activity,approvals"));
        await fixture.Fixture.StartSidecarAsync(Token);
        await DeliverAsync(fixture, Letter.Replace("run-completed", topic, StringComparison.Ordinal));
        var stored = await fixture.OnlyAsync(Topics.DeadLetters, Token);

        var (status, problem) = await fixture.AskAsync(HttpMethod.Post, $"/dead-letters/{stored.GetProperty("id").GetString()}/replay", Token);

        Assert.Equal(422, status);
        Assert.Contains($"may not publish to the topic '{topic}'", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.Contains("A person who may send to this topic", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.Equal("open", (await fixture.OnlyAsync(Topics.DeadLetters, Token)).GetProperty("state").GetString());
    }

    // The setting Ingress:MaxMessageBytes may be 32 MiB. The default body limit of the server is only 30,000,000 bytes, so the topic routes have a larger limit.
    [Fact]
    public async Task A_message_of_the_largest_possible_size_is_stored()
    {
        await using var fixture = await DeadLettersFixture.StartAsync(Token);

        Assert.Equal("SUCCESS", await DeliverAsync(fixture, new string('x', 32 * 1024 * 1024)));
        Assert.Equal(32 * 1024 * 1024, (await fixture.OnlyAsync(Topics.DeadLetters, Token)).GetProperty("size").GetInt32());
    }

    [Fact]
    public void A_message_that_is_not_valid_Unicode_is_read_without_its_event() =>
        Assert.Null(StoreDeadLetter.Read(Encoding.UTF8.GetBytes("""{"id":"\ud800","source":"/s","type":"t"}""")).Event);

    [Fact]
    public async Task While_the_state_store_is_unavailable_a_dead_letter_is_retried_and_not_dropped()
    {
        await using var fixture = await DeadLettersFixture.StartAsync(Token);
        await fixture.Fixture.StopSidecarAsync();

        Assert.Equal("RETRY", await DeliverAsync(fixture, Letter));
        Assert.Equal("RETRY", await DeliverAsync(fixture, "no json"));
        var (status, problem) = await fixture.AskAsync(HttpMethod.Get, "/dead-letters", Token);

        Assert.Equal(503, status);
        Assert.Contains("does not answer", problem.GetProperty("title").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_subscriptions_of_the_ingress_have_no_dead_letter_topic()
    {
        await using var fixture = await DeadLettersFixture.StartAsync(Token);

        var subscriptions = Json.Parse(await fixture.Service.Sidecar.GetStringAsync(new Uri("/dapr/subscribe", UriKind.Relative), Token));

        Assert.Equal(["dead-letters", "quarantine"], subscriptions.EnumerateArray().Select(one => one.GetProperty("topic").GetString()).Order());
        Assert.All(subscriptions.EnumerateArray(), one => Assert.False(one.TryGetProperty("deadLetterTopic", out var topic) && topic.GetString() is { Length: > 0 }));
    }

    private static DateTimeOffset LastReceived(JsonElement stored) => stored.GetProperty("lastReceivedAt").GetDateTimeOffset();

    // Posts the message as the sidecar does.
    private static async Task<string?> DeliverAsync(DeadLettersFixture fixture, string message)
    {
        using var content = new StringContent(message, Encoding.UTF8, "application/cloudevents+json");
        using var response = await fixture.Service.Sidecar.PostAsync(new Uri("/topics/dead-letters", UriKind.Relative), content, Token);
        response.EnsureSuccessStatusCode();
        return Json.Parse(await response.Content.ReadAsStringAsync(Token)).GetProperty("status").GetString();
    }
}
