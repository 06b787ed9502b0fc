using System.Net;

using MLEvents.Tests.Common;

namespace MLEvents.Ingress.Tests;

/// <summary>Bodies that caused errors in earlier versions. Readable events are published, the others are in the quarantine, and the answer is 200.</summary>
public sealed class CaseFileTests
{
    private const string Workspace = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/ml-local/providers/Microsoft.MachineLearningServices/workspaces/ml-local";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("cloudevent-expiration.json", "application/cloudevents+json", 0, "expiration-1")]
    [InlineData("cloudevents-traceparent-nul.json", "application/cloudevents-batch+json", 0, "traceparent-0", "traceparent-1", "traceparent-2", "traceparent-3", "traceparent-4", "traceparent-5", "traceparent-6", "traceparent-7", "traceparent-8", "traceparent-9", "traceparent-good")]
    [InlineData("control-characters-in-identity.json", "application/json", 1)]
    [InlineData("hostile-topics.json", "application/json", 4)]
    [InlineData("invalid-utf8-attribute.json", "application/json", 1, "good-1")]
    [InlineData("invalid-utf8-in-data.json", "application/json", 1)]
    public async Task Readable_events_are_published_and_the_others_are_quarantined(string file, string mediaType, int quarantined, params string[] published)
    {
        await using var fixture = await IngressFixture.StartAsync(Token, ("Ingress:Workspaces:0", Workspace));
        using var content = new ByteArrayContent(await File.ReadAllBytesAsync(Repository.PathOf("tests", "Ingress.Tests", "Cases", file), Token));
        content.Headers.ContentType = new(mediaType);

        using var response = await fixture.Client.PostAsync(new Uri("/events?code=" + IngressFixture.Key, UriKind.Relative), content, Token);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        var messages = Enumerable.Range(0, quarantined + published.Length).Select(_ => fixture.Next(Token)).ToLookup(message => message.Topic == "quarantine");
        Assert.Equal(published, messages[false].Select(message => message.Envelope.GetProperty("id").GetString()).Order(StringComparer.Ordinal));
        Assert.All(messages[false], message => Assert.NotEqual("\0", message.Envelope.GetProperty("traceparent").GetString()));
        Assert.Equal(quarantined, messages[true].Count());
        Assert.All(messages[true], message => Assert.NotEmpty(message.Envelope.GetProperty("data").GetProperty("reason").GetString() ?? ""));
        Assert.False(fixture.HasMore);
    }

    // The largest measured body of Event Grid, and a body whose text becomes six times as long if '<' is escaped.
    [Theory]
    [InlineData(1_049_600, 'x')]
    [InlineData(900_377, '<')]
    public async Task An_event_of_the_largest_size_of_Event_Grid_is_published(int bytes, char character)
    {
        await using var fixture = await IngressFixture.StartAsync(Token);
        var begin = $$"""[{"id":"large-1","topic":"{{Workspace}}","subject":"s","eventType":"x","eventTime":"2026-01-01T00:00:00Z","dataVersion":"1","data":{"text": """ + '"';
        const string end = "\"}}]";

        using var response = await fixture.PostAsync(begin + new string(character, bytes - begin.Length - end.Length) + end, Token);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        var (topic, envelope) = fixture.Next(Token);
        Assert.Equal(("other-events", bytes - begin.Length - end.Length), (topic, envelope.GetProperty("data").GetProperty("text").GetString()?.Length));
    }
}
