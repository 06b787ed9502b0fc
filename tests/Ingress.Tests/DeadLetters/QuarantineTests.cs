using System.Text;
using System.Text.Json;

using Microsoft.AspNetCore.Http;

using MLEvents.Events;
using MLEvents.Events.Reading;
using MLEvents.Ingress.DeadLetters;
using MLEvents.State;
using MLEvents.Tests.Common;

namespace MLEvents.Ingress.Tests.DeadLetters;

public sealed class QuarantineTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Unreadable_input_is_stored_with_its_reason_headers_and_bytes()
    {
        await using var fixture = await DeadLettersFixture.StartAsync(Token);

        using var answer = await fixture.PostEventsAsync("{not json", Token, ("aeg-subscription-name", "workspace"));

        var listed = await fixture.OnlyAsync(Topics.Quarantine, Token);
        var (status, shown) = await fixture.AskAsync(HttpMethod.Get, "/quarantine/" + listed.GetProperty("id").GetString(), Token);
        Assert.Equal(200, status);
        Assert.Contains("The body could not be read as JSON: ", shown.GetProperty("reason").GetString(), StringComparison.Ordinal);
        Assert.Equal(("open", 9), (shown.GetProperty("state").GetString(), shown.GetProperty("size").GetInt32()));
        Assert.Equal("workspace", shown.GetProperty("headers").GetProperty("aeg-subscription-name").GetString());
        Assert.Equal("{not json", Encoding.UTF8.GetString(shown.GetProperty("raw").GetBytesFromBase64()));
        Assert.False(listed.TryGetProperty("raw", out _));
        Assert.DoesNotContain(IngressFixture.Key, shown.GetRawText(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("aeg-sas-key", false)]
    [InlineData("aeg-sas-token", false)]
    [InlineData("WebHook-Request-Callback", false)]
    [InlineData("Authorization", false)]
    [InlineData("x-webhook-key", false)]
    [InlineData("aeg-subscription-name", true)]
    [InlineData("aeg-delivery-count", true)]
    [InlineData("AEG-EVENT-TYPE", true)]
    [InlineData("aeg-metadata-version", true)]
    [InlineData("aeg-data-version", true)]
    [InlineData("aeg-output-event-id", true)]
    [InlineData("WebHook-Request-Origin", true)]
    [InlineData("ce-id", true)]
    public void Only_headers_about_the_origin_and_attributes_of_the_event_are_stored_and_no_key_or_token_is_stored(string header, bool isStored)
    {
        var headers = new HeaderDictionary { [header] = "value of the header" };

        var wrapped = Quarantined.Wrap(new UnreadableElement("not JSON", "{not json"u8.ToArray()), headers, sender: null);

        Assert.Equal(isStored, StoreQuarantined.Read(wrapped.Json).Record.Headers.ContainsKey(header));
        Assert.Equal(isStored, Encoding.UTF8.GetString(wrapped.Json.Span).Contains("value of the header", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Redelivered_input_is_stored_once()
    {
        await using var fixture = await DeadLettersFixture.StartAsync(Token);

        for (var n = 0; n < 3; n++)
        {
            using var answer = await fixture.PostEventsAsync("{not json", Token, ("aeg-delivery-count", $"{n}"));
        }

        using var other = await fixture.PostEventsAsync("{not json either", Token);
        await fixture.Service.AskUntilAsync("/quarantine", list => list.GetProperty("items").GetArrayLength() == 2, Token);
    }

    [Fact]
    public async Task Input_that_is_still_unreadable_is_not_replayed_and_the_answer_gives_the_reason()
    {
        await using var fixture = await DeadLettersFixture.StartAsync(Token);
        using var answer = await fixture.PostEventsAsync("""[{"id":"1","eventType":"x"}]""", Token);
        var listed = await fixture.OnlyAsync(Topics.Quarantine, Token);

        var (status, problem) = await fixture.AskAsync(HttpMethod.Post, $"/quarantine/{listed.GetProperty("id").GetString()}/replay", Token);

        Assert.Equal(422, status);
        Assert.Contains("'topic' is missing or empty", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.Equal("open", (await fixture.OnlyAsync(Topics.Quarantine, Token)).GetProperty("state").GetString());
    }

    [Fact]
    public async Task Input_that_is_readable_now_is_published_with_its_id_source_and_chain_and_gets_the_state_replayed()
    {
        await using var fixture = await DeadLettersFixture.StartAsync(Token);
        await PublishQuarantinedAsync(fixture, """{"id":"e-1","topic":"/ws","eventType":"Microsoft.MachineLearningServices.RunCompleted","subject":"runs/1","data":{"runTags":{"mlevents.correlation":"chain-1"}}}""");
        var id = (await fixture.OnlyAsync(Topics.Quarantine, Token)).GetProperty("id").GetString();
        var got = await TopicSubscriber.SubscribeAsync(fixture, Topics.RunCompleted, Token);
        await using var subscriber = got;

        var (status, body) = await fixture.AskAsync(HttpMethod.Post, $"/quarantine/{id}/replay", Token);

        Assert.Equal((200, 1), (status, body.GetProperty("published").GetInt32()));
        var envelope = await got.Seen.FirstAsync(_ => true, Token);
        Assert.Equal(("e-1", "/ws", "chain-1"), (envelope.Id, envelope.Source, Correlation.IdOf(envelope)));
        var replayed = await fixture.OnlyAsync(Topics.Quarantine, Token);
        Assert.Equal("replayed", replayed.GetProperty("state").GetString());
        Assert.Equal(0, (await fixture.AskAsync(HttpMethod.Get, "/quarantine?state=open", Token)).Body.GetProperty("items").GetArrayLength());
        Assert.Equal(1, (await fixture.AskAsync(HttpMethod.Get, "/quarantine?state=replayed", Token)).Body.GetProperty("items").GetArrayLength());
    }

    [Fact]
    public async Task A_forced_replay_has_an_issued_token()
    {
        await using var fixture = await DeadLettersFixture.StartAsync(Token);
        await PublishQuarantinedAsync(fixture, """{"id":"e-1","topic":"/ws","eventType":"Microsoft.MachineLearningServices.RunCompleted","data":{}}""");
        var id = (await fixture.OnlyAsync(Topics.Quarantine, Token)).GetProperty("id").GetString();
        await using var subscriber = await TopicSubscriber.SubscribeAsync(fixture, Topics.RunCompleted, Token);

        await fixture.AskAsync(HttpMethod.Post, $"/quarantine/{id}/replay?force=true", Token);

        var seen = await subscriber.Seen.FirstAsync(_ => true, Token);
        var token = ForcedReplay.TokenOf(seen);
        Assert.NotNull(token);
        Assert.True(await new ForcedReplays(fixture.Fixture.Dapr).IsIssuedAsync(token, seen.Source, seen.Id, Token));
    }

    [Fact]
    public async Task A_batch_with_an_unreadable_part_is_not_replayed()
    {
        await using var fixture = await DeadLettersFixture.StartAsync(Token);
        await PublishQuarantinedAsync(fixture, """[{"id":"e-1","topic":"/ws","eventType":"x","data":{}}, 7]""");
        var id = (await fixture.OnlyAsync(Topics.Quarantine, Token)).GetProperty("id").GetString();

        var (status, problem) = await fixture.AskAsync(HttpMethod.Post, $"/quarantine/{id}/replay", Token);

        Assert.Equal(422, status);
        Assert.Contains("event 1 of the request", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Input_that_is_larger_than_the_sidecar_accepts_is_not_replayed_and_the_answer_says_that_a_repetition_does_not_help()
    {
        // The sidecar accepts messages of at most 4 MiB.
        await using var fixture = await DeadLettersFixture.StartAsync(Token, ("Ingress:MaxMessageBytes", "8388608"));
        var text = new string('x', 5 * 1024 * 1024);
        await DeliverQuarantinedAsync(fixture, $$$"""[{"id":"e-1","topic":"/ws","eventType":"x","data":{"text":"{{{text}}}"}}]""");
        var id = (await fixture.OnlyAsync(Topics.Quarantine, Token)).GetProperty("id").GetString();

        var (status, problem) = await fixture.AskAsync(HttpMethod.Post, $"/quarantine/{id}/replay", Token);

        Assert.Equal((422, "The message is larger than the Dapr sidecar or the broker accepts."), (status, problem.GetProperty("title").GetString()));
        Assert.StartsWith("A repetition has the same result, unless the limit is raised: ", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.Equal("open", (await fixture.OnlyAsync(Topics.Quarantine, Token)).GetProperty("state").GetString());
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"data":{"reason":"x"}}""")]
    [InlineData("\"\\ud800\"")]
    [InlineData("no json")]
    public void A_message_that_the_ingress_did_not_publish_is_stored_unchanged(string message)
    {
        var bytes = Encoding.UTF8.GetBytes(message);

        var (record, raw) = StoreQuarantined.Read(bytes);

        Assert.Equal(bytes, raw.ToArray());
        Assert.Contains("was not published by the ingress", record.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void The_same_bytes_with_other_attributes_are_another_message()
    {
        var ids = ((string[])["1", "2", "1"]).Select(id => StoreQuarantined.Read(Wrapped("{}", new() { ["ce-id"] = id, ["aeg-delivery-count"] = Guid.NewGuid().ToString() })).Record.Id).ToList();

        Assert.Equal(ids[0], ids[2]);
        Assert.NotEqual(ids[0], ids[1]);
    }

    private static byte[] Wrapped(string raw, Dictionary<string, string> headers) =>
        JsonSerializer.SerializeToUtf8Bytes(new { id = "q", data = new { reason = "an older version could not read it", contentType = "application/json", headers, raw = Encoding.UTF8.GetBytes(raw) } });

    // Quarantines an event as an older version of the ingress did, because that version could not read it. The present version can read it.
    private static Task PublishQuarantinedAsync(DeadLettersFixture fixture, string raw) => fixture.Fixture.Dapr.PublishByteEventAsync(
        Topics.PubSub, Topics.Quarantine, Wrapped(raw, []), "application/cloudevents+json", cancellationToken: Token);

    // Delivers a message to the ingress directly, because it is too large to be published through the sidecar.
    private static async Task DeliverQuarantinedAsync(DeadLettersFixture fixture, string raw)
    {
        using var content = new ByteArrayContent(Wrapped(raw, []));
        content.Headers.ContentType = new("application/cloudevents+json");
        using var response = await fixture.Service.Sidecar.PostAsync(new Uri("/topics/" + Topics.Quarantine, UriKind.Relative), content, Token);
        response.EnsureSuccessStatusCode();
    }
}
