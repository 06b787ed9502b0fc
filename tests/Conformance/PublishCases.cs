using System.Net;
using System.Text.Json;

namespace MLEvents.Conformance;

/// <summary>Behaviour that a publisher needs.</summary>
public abstract class PublishCases<TRuntime> : Cases<TRuntime>
    where TRuntime : IRuntime, new()
{
    [Fact]
    public async Task A_published_object_is_delivered_in_an_envelope()
    {
        await using var app = await FakeApp.StartAsync(configure: app => app.Subscribe("pubsub", Topic));
        await using var dapr = await StartAsync(Setup(app.Port));

        using var published = await PublishAsync(dapr, """{"a":1.0,"big":12345678901234567890}""");
        var call = (await app.WaitForAsync(1))[0];

        Assert.Equal(HttpStatusCode.NoContent, published.StatusCode);
        Assert.Equal("application/cloudevents+json", call.Headers["Content-Type"]);
        using var envelope = JsonDocument.Parse(call.Body);
        string Member(string name) => envelope.RootElement.GetProperty(name).GetString() ?? "";
        Assert.Equal(("1.0", "com.dapr.event.sent", AppId, "pubsub", Topic), (Member("specversion"), Member("type"), Member("source"), Member("pubsubname"), Member("topic")));
        Assert.True(Guid.TryParse(Member("id"), out _));
        Assert.Equal("""{"a":1.0,"big":12345678901234567890}""", envelope.RootElement.GetProperty("data").GetRawText());
    }

    [Fact]
    public async Task A_published_cloud_event_keeps_its_attributes()
    {
        const string Event = """{"specversion":"1.0","id":"e1","source":"/s","type":"T","subject":"models/churn:1","time":"2026-11-24T10:00:00.1234567Z","correlationid":"c1","data":{"a":1}}""";
        await using var app = await FakeApp.StartAsync(configure: app => app.Subscribe("pubsub", Topic));
        await using var dapr = await StartAsync(Setup(app.Port));

        using var published = await PublishAsync(dapr, Event, "application/cloudevents+json");
        var call = (await app.WaitForAsync(1))[0];

        using var sent = JsonDocument.Parse(Event);
        using var received = JsonDocument.Parse(call.Body);
        Assert.All(sent.RootElement.EnumerateObject(), member => Assert.Equal(member.Value.GetRawText(), received.RootElement.GetProperty(member.Name).GetRawText()));
    }

    [Fact]
    public async Task A_bulk_publish_delivers_every_entry()
    {
        await using var app = await FakeApp.StartAsync(configure: app => app.Subscribe("pubsub", Topic));
        await using var dapr = await StartAsync(Setup(app.Port));

        using var body = Body("""[{"entryId":"1","event":{"n":1},"contentType":"application/json"},{"entryId":"2","event":{"n":2},"contentType":"application/json"}]""");
        using var published = await dapr.Http.PostAsync(At($"/v1.0-alpha1/publish/bulk/pubsub/{Topic}"), body, Token);
        var calls = await app.WaitForAsync(2);

        Assert.Equal(HttpStatusCode.NoContent, published.StatusCode);
        Assert.Equal(["""{"n":1}""", """{"n":2}"""], calls.Select(Data).Order());
    }

    [Fact]
    public async Task A_trace_parent_is_passed_through()
    {
        const string Trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
        await using var app = await FakeApp.StartAsync(configure: app => app.Subscribe("pubsub", Topic));
        await using var dapr = await StartAsync(Setup(app.Port));
        dapr.Http.DefaultRequestHeaders.Add("traceparent", Trace);

        using var published = await PublishAsync(dapr, "1");
        var call = (await app.WaitForAsync(1))[0];

        using var envelope = JsonDocument.Parse(call.Body);
        Assert.Equal(Trace, envelope.RootElement.GetProperty("traceparent").GetString());
    }

    [Fact]
    public async Task The_error_of_a_publish_names_an_unknown_component()
    {
        await using var dapr = await StartAsync(Setup());

        using var answer = await dapr.Http.PostAsync(At("/v1.0/publish/nowhere/t"), Body("1"), Token);

        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        Assert.Contains("nowhere", await answer.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_publication_to_a_topic_outside_the_app_s_scope_is_forbidden()
    {
        await using var dapr = await StartAsync(Setup() with { PubSub = [$"publishingScopes: {AppId}={DeadTopic}"] });

        using var answer = await PublishAsync(dapr, "1");

        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
    }

    private static string Data(Call call)
    {
        using var envelope = JsonDocument.Parse(call.Body);
        return envelope.RootElement.GetProperty("data").GetRawText();
    }
}

public sealed class PublishOnEmbedded : PublishCases<EmbeddedSidecar>;

public sealed class PublishOnDaprd : PublishCases<Daprd>;
