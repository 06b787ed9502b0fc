using System.Net;

using MLEvents.Tests.Common;

namespace MLEvents.Ingress.Tests;

/// <summary>Bodies that once lost, blocked or misled something: what can be read is published, the rest is in the quarantine, and the answer is 200.</summary>
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
    public async Task What_can_be_read_is_published_and_the_rest_is_in_the_quarantine(string file, string mediaType, int quarantined, params string[] published)
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
}
