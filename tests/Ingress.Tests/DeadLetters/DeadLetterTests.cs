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
    public async Task What_a_service_gave_up_on_is_kept_once_though_several_gave_up_and_goes_back_to_its_topic_with_its_id()
    {
        await using var fixture = await DeadLettersFixture.StartAsync(Token);
        await using var subscriber = await ReplayedEvent.SubscribeAsync(fixture, Topics.RunCompleted, Token);
        await DeliverAsync(fixture, Letter);
        await DeliverAsync(fixture, Letter.Replace("\"topic\"", "\"traceparent\":\"00-1\",\"topic\"", StringComparison.Ordinal));

        var kept = await fixture.OnlyAsync(Topics.DeadLetters, Token);
        var (status, body) = await fixture.AskAsync(HttpMethod.Post, $"/dead-letters/{kept.GetProperty("id").GetString()}/replay", Token);

        Assert.Equal(("run-completed", "e-1", "/ws"), (kept.GetProperty("topic").GetString(), kept.GetProperty("event").GetProperty("id").GetString(), kept.GetProperty("event").GetProperty("source").GetString()));
        Assert.Equal((200, 1), (status, body.GetProperty("published").GetInt32()));
        var again = await subscriber.Seen.FirstAsync(_ => true, Token);
        Assert.Equal(("e-1", "/ws", "chain-1"), (again.Id, again.Source, Correlation.IdOf(again)));
        Assert.Equal("replayed", (await fixture.OnlyAsync(Topics.DeadLetters, Token)).GetProperty("state").GetString());
    }

    [Fact]
    public async Task A_forced_replay_says_so_each_with_a_token_of_its_own_and_is_the_same_dead_letter_when_it_fails_again()
    {
        await using var fixture = await DeadLettersFixture.StartAsync(Token);
        await using var subscriber = await ReplayedEvent.SubscribeAsync(fixture, Topics.RunCompleted, Token, givesUp: 2);
        using var taken = await fixture.PostEventsAsync("""[{"id":"e-4","topic":"/ws","eventType":"Microsoft.MachineLearningServices.RunCompleted","data":{"n":1.0}}]""", Token);
        var kept = await fixture.OnlyAsync(Topics.DeadLetters, Token);
        var path = $"/dead-letters/{kept.GetProperty("id").GetString()}/replay";

        await fixture.AskAsync(HttpMethod.Post, path + "?force=true", Token);
        await fixture.Service.AskUntilAsync("/dead-letters", list => LastCame(list.GetProperty("items")[0]) > LastCame(kept), Token);
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
    public async Task What_a_service_drops_comes_here_from_its_sidecar_and_a_replay_brings_it_back_to_the_service()
    {
        await using var fixture = await DeadLettersFixture.StartAsync(Token);
        await using var subscriber = await ReplayedEvent.SubscribeAsync(fixture, Topics.RunCompleted, Token, givesUp: 1);
        using var taken = await fixture.PostEventsAsync("""[{"id":"e-3","topic":"/ws","eventType":"Microsoft.MachineLearningServices.RunCompleted","data":{"n":1.0}}]""", Token);
        var kept = await fixture.OnlyAsync(Topics.DeadLetters, Token);

        var (status, _) = await fixture.AskAsync(HttpMethod.Post, $"/dead-letters/{kept.GetProperty("id").GetString()}/replay", Token);

        Assert.Equal(200, status);
        var got = await subscriber.Seen.FirstAsync(_ => true, Token);
        Assert.Equal(("e-3", "/ws", """{"n":1.0}"""), (got.Id, got.Source, got.Data.GetRawText()));
        Assert.Equal("replayed", (await fixture.OnlyAsync(Topics.DeadLetters, Token)).GetProperty("state").GetString());
    }

    [Fact]
    public async Task One_that_fails_again_after_its_replay_is_open_again()
    {
        await using var fixture = await DeadLettersFixture.StartAsync(Token);
        await DeliverAsync(fixture, Letter);
        var id = (await fixture.OnlyAsync(Topics.DeadLetters, Token)).GetProperty("id").GetString();
        await fixture.AskAsync(HttpMethod.Post, $"/dead-letters/{id}/replay", Token);

        await DeliverAsync(fixture, Letter);

        Assert.Equal("open", (await fixture.OnlyAsync(Topics.DeadLetters, Token)).GetProperty("state").GetString());
    }

    [Fact]
    public async Task A_message_that_a_sidecar_dead_letters_is_kept_byte_for_byte()
    {
        await using var fixture = await DeadLettersFixture.StartAsync(Token);
        var workflowEvent = SampleEvents.Create("RunCompleted", id: "e-2");
        await fixture.Fixture.Dapr.PublishByteEventAsync(
            Topics.PubSub, Topics.DeadLetters, Encoding.UTF8.GetBytes(workflowEvent.Envelope.GetRawText()), "application/cloudevents+json", cancellationToken: Token);

        var kept = await fixture.OnlyAsync(Topics.DeadLetters, Token);

        var (_, shown) = await fixture.AskAsync(HttpMethod.Get, "/dead-letters/" + kept.GetProperty("id").GetString(), Token);
        var raw = Encoding.UTF8.GetString(shown.GetProperty("raw").GetBytesFromBase64());
        Assert.Equal(await fixture.Fixture.DeadLetters.FirstAsync(_ => true, Token), raw);
        Assert.Equal("e-2", shown.GetProperty("event").GetProperty("id").GetString());
    }

    [Theory]
    [InlineData("no json", "not a CloudEvents envelope")]
    [InlineData("[1]", "not a CloudEvents envelope")]
    [InlineData("""{"id":"1","source":"/s","type":"t"}""", "has no topic to which it can be published")]
    [InlineData("""{"id":"1","source":"/s","type":"t","topic":"dead-letters"}""", "has no topic to which it can be published")]
    public async Task Even_what_cannot_be_read_or_sent_back_is_kept_and_its_replay_says_why_not(string message, string reason)
    {
        await using var fixture = await DeadLettersFixture.StartAsync(Token);
        await DeliverAsync(fixture, message);
        var kept = await fixture.OnlyAsync(Topics.DeadLetters, Token);

        var (status, problem) = await fixture.AskAsync(HttpMethod.Post, $"/dead-letters/{kept.GetProperty("id").GetString()}/replay", Token);

        Assert.Equal(422, status);
        Assert.Contains(reason, problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.Equal("open", (await fixture.OnlyAsync(Topics.DeadLetters, Token)).GetProperty("state").GetString());
    }

    [Fact]
    public void Text_that_is_no_unicode_is_kept_too() =>
        Assert.Null(StoreDeadLetter.Read(Encoding.UTF8.GetBytes("""{"id":"\ud800","source":"/s","type":"t"}""")).Event);

    [Fact]
    public async Task While_the_state_store_is_away_it_is_asked_for_again_and_never_dropped()
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
    public async Task The_subscriptions_hand_nothing_on_to_dead_letters()
    {
        await using var fixture = await DeadLettersFixture.StartAsync(Token);

        var subscriptions = Json.Parse(await fixture.Service.Sidecar.GetStringAsync(new Uri("/dapr/subscribe", UriKind.Relative), Token));

        Assert.Equal(["dead-letters", "quarantine"], subscriptions.EnumerateArray().Select(one => one.GetProperty("topic").GetString()).Order());
        Assert.All(subscriptions.EnumerateArray(), one => Assert.False(one.TryGetProperty("deadLetterTopic", out var topic) && topic.GetString() is { Length: > 0 }));
    }

    private static DateTimeOffset LastCame(JsonElement kept) => kept.GetProperty("lastReceivedAt").GetDateTimeOffset();

    // As the sidecar delivers it.
    private static async Task<string?> DeliverAsync(DeadLettersFixture fixture, string message)
    {
        using var content = new StringContent(message, Encoding.UTF8, "application/cloudevents+json");
        using var response = await fixture.Service.Sidecar.PostAsync(new Uri("/topics/dead-letters", UriKind.Relative), content, Token);
        response.EnsureSuccessStatusCode();
        return Json.Parse(await response.Content.ReadAsStringAsync(Token)).GetProperty("status").GetString();
    }
}
