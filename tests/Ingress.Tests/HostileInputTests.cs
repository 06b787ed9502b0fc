using System.Net;
using System.Net.Sockets;
using System.Text;

using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

using MLEvents.Ingress.DeadLetters;
using MLEvents.Ingress.Tests.DeadLetters;
using MLEvents.Ingress.Webhook;

namespace MLEvents.Ingress.Tests;

/// <summary>Malicious input, and input at the limits.</summary>
public sealed class HostileInputTests
{
    private const string Allowed = "/subscriptions/s/resourceGroups/ml-prod/providers/Microsoft.MachineLearningServices/workspaces/w";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("/events?code=" + IngressFixture.Key)]
    [InlineData("/event-hub")]
    public async Task An_event_with_invalid_UTF_8_is_quarantined_and_the_others_are_published(string path)
    {
        await using var fixture = await IngressFixture.StartAsync(Token);
        byte[] bad = [.. "{\"id\":\"bad"u8, 0xFF, .. "\",\"topic\":\"/t\",\"eventType\":\"x\"}"u8];
        using var content = new ByteArrayContent([.. "["u8, .. bad, .. ",{\"id\":\"good\",\"topic\":\"/t\",\"eventType\":\"x\"}]"u8]);

        content.Headers.ContentType = new("application/json");

        using var response = await fixture.Ingress.Sidecar.PostAsync(new Uri(path, UriKind.Relative), content, Token);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        var messages = new[] { fixture.Next(Token), fixture.Next(Token) }.ToDictionary(message => message.Topic, message => message.Envelope);
        Assert.Equal("good", messages["other-events"].GetProperty("id").GetString());
        Assert.Equal(bad, messages["quarantine"].GetProperty("data").GetProperty("raw").GetBytesFromBase64());
    }

    [Fact]
    public async Task Events_of_workspaces_that_are_not_allowed_are_quarantined()
    {
        await using var fixture = await IngressFixture.StartAsync(Token, ("Ingress:Workspaces:0", Allowed.Replace("prod", "*", StringComparison.Ordinal)));
        var topics = (string[])[Allowed.ToUpperInvariant(), "/subscriptions/other" + Allowed["/subscriptions/s".Length..], Allowed + "\\\\..\\\\x", Allowed + "/../../x#y", "/ws"];

        using var response = await fixture.PostAsync($"[{string.Join(',', topics.Select((topic, index) => $$"""{"id":"{{index}}","topic":"{{topic}}","eventType":"x"}"""))}]", Token);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        var messages = Enumerable.Range(0, topics.Length).Select(_ => fixture.Next(Token)).ToList();
        Assert.Equal("0", Assert.Single(messages, message => message.Topic == "other-events").Envelope.GetProperty("id").GetString());
        Assert.All(
            messages.Where(message => message.Topic == "quarantine"),
            message => Assert.Contains("Ingress:Workspaces", message.Envelope.GetProperty("data").GetProperty("reason").GetString(), StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_event_is_not_dropped_because_of_an_expiration_that_the_sender_set()
    {
        await using var fixture = await IngressFixture.StartAsync(Token);

        using var response = await fixture.PostAsync("""{"specversion":"1.0","id":"1","source":"/s","type":"x","expiration":"2020-01-01T00:00:00Z","topic":"mine"}""", Token, "application/cloudevents+json");

        var envelope = fixture.Next(Token).Envelope;
        Assert.Equal(("2020-01-01T00:00:00Z", "mine"), (envelope.GetProperty("senderexpiration").GetString(), envelope.GetProperty("sendertopic").GetString()));
        Assert.False(envelope.TryGetProperty("subject", out _));
    }

    [Theory]
    [InlineData("\"models/quoted:1\"", "other-events")]
    [InlineData("t/caf%E9", "quarantine")]
    public async Task Header_values_of_binary_mode_are_decoded_or_refused(string subject, string topic)
    {
        await using var fixture = await IngressFixture.StartAsync(Token);

        using var response = await fixture.PostAsync("{}", Token, "application/json", ("ce-specversion", "1.0"), ("ce-id", "1"), ("ce-source", "/s"), ("ce-type", "x"), ("ce-subject", subject));

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        var (delivered, envelope) = fixture.Next(Token);
        Assert.Equal(topic, delivered);
        Assert.True(topic == "quarantine" || envelope.GetProperty("subject").GetString() == "models/quoted:1");
    }

    [Fact]
    public async Task A_media_type_that_is_not_supported_is_answered_with_415_and_a_copy_is_quarantined()
    {
        await using var fixture = await IngressFixture.StartAsync(Token);

        using var response = await fixture.PostAsync("<event/>", Token, "application/cloudevents+xml; charset=utf-8");

        Assert.Equal(HttpStatusCode.UnsupportedMediaType, response.StatusCode);
        Assert.Contains("application/cloudevents-batch+json", await response.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);
        Assert.Equal("quarantine", fixture.Next(Token).Topic);
    }

    [Fact]
    public async Task Text_that_escaping_would_triple_is_published_unescaped()
    {
        await using var fixture = await IngressFixture.StartAsync(Token);
        var text = new string('é', 600_000);

        using var response = await fixture.PostAsync($$"""[{"id":"1","topic":"/t","eventType":"x","data":"{{text}}"}]""", Token);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(text, fixture.Next(Token).Envelope.GetProperty("data").GetString());
    }

    [Fact]
    public async Task A_broker_with_a_size_limit_gets_smaller_calls_and_an_event_over_the_limit_is_stored_in_the_quarantine()
    {
        await using var fixture = await DeadLettersFixture.StartAsync(Token, ("Ingress:MaxMessageBytes", "262144"));
        string[] events = [.. ((int[])[150_000, 150_000, 300_000]).Select((size, index) => $$"""{"id":"{{index}}","topic":"/t","eventType":"x","data":"{{new string('x', size)}}"}""")];

        using var response = await fixture.PostEventsAsync($"[{string.Join(',', events)}]", Token);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        var stored = await fixture.OnlyAsync("quarantine", Token);
        Assert.Matches(
            @"event 2 of the request: as a message it has 300\d{3} bytes; the limit is 253952 \(Ingress:MaxMessageBytes 262144 minus 8192 for attributes\)",
            stored.GetProperty("reason").GetString());
        var (status, _) = await fixture.AskAsync(HttpMethod.Post, $"/quarantine/{stored.GetProperty("id").GetString()}/replay", Token);
        Assert.Equal(422, status);
    }

    [Fact]
    public async Task A_malformed_chunk_is_answered_with_400()
    {
        await using var fixture = await IngressFixture.StartAsync(Token);
        using var socket = new TcpClient();
        await socket.ConnectAsync("127.0.0.1", fixture.Client.BaseAddress?.Port ?? 0, Token);
        var stream = socket.GetStream();

        await stream.WriteAsync(Encoding.ASCII.GetBytes($"POST /events?code={IngressFixture.Key} HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\nno chunk"), Token);

        using var reader = new StreamReader(stream);
        Assert.StartsWith("HTTP/1.1 400", await reader.ReadLineAsync(Token), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("1")]
    [InlineData("""{"id":"1","topic":"/","eventType":"a"}""")]
    [InlineData("""{"specversion":"1.0"}""")]
    public async Task A_body_of_small_elements_needs_less_than_96_MiB(string element)
    {
        const int BodyBytes = 3 * 512 * 1024;
        await using var app = IngressService.Create(["--environment=Development"]);
        var reader = app.Services.GetRequiredService<RequestReader>();
        var body = Encoding.UTF8.GetBytes($"[{string.Join(',', Enumerable.Repeat(element, (BodyBytes - 2) / (element.Length + 1)))}]");
        var headers = new HeaderDictionary { ["aeg-subscription-name"] = new string('x', 16 * 1024) };
        var before = GC.GetTotalMemory(forceFullCollection: true);

        var batch = reader.Read(headers, body, sender: null).Batch;
        var quarantined = batch.Unreadable.Select(part => Quarantined.Wrap(part, headers, sender: null)).ToList();
        var held = GC.GetTotalMemory(forceFullCollection: true) - before;

        Assert.InRange(held, 0, 96 * 1024 * 1024);
        GC.KeepAlive(batch);
        Assert.True(quarantined.Count <= 17);
    }
}
