using System.Net;

namespace MLEvents.Ingress.Tests;

/// <summary>Input that senders rarely send. Most of it follows the standards. The rest violates a standard in a detail.</summary>
public sealed class UncommonInputTests : IAsyncLifetime
{
    private IngressFixture? _fixture;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private IngressFixture Fixture => _fixture ?? throw new InvalidOperationException("The fixture is not started.");

    public async ValueTask InitializeAsync() => _fixture = await IngressFixture.StartAsync(Token);

    public ValueTask DisposeAsync() => Fixture.DisposeAsync();

    [Fact]
    public async Task A_single_event_with_a_type_that_is_not_valid_Unicode_is_quarantined_and_not_taken_for_a_handshake()
    {
        using var response = await Fixture.PostAsync("""[{"id":"1","topic":"/t","eventType":"\ud800"}]""", Token);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("quarantine", Fixture.Next(Token).Topic);
    }

    [Theory]
    [InlineData("MLEvents.ApprovalRequested")]
    [InlineData("MLEvents.ActionChanged")]
    public async Task An_event_whose_type_only_the_services_may_publish_is_quarantined(string type)
    {
        using var response = await Fixture.PostAsync($$"""[{"id":"1","topic":"/t","eventType":"{{type}}","subject":"s","data":{},"eventTime":"2026-11-01T12:00:00Z"}]""", Token);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        var quarantined = Fixture.Next(Token);
        Assert.Equal("quarantine", quarantined.Topic);
        Assert.Contains(
            $"its type '{type}' is reserved for events of the services", quarantined.Envelope.GetProperty("data").GetProperty("reason").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task If_an_attribute_is_given_twice_the_last_value_counts_and_the_batch_is_accepted()
    {
        using var response = await Fixture.PostAsync("""[{"specversion":"1.0","id":"c-4","source":"/s","type":"x","twice":1,"twice":2},{"id":"e-1","topic":"/t","eventType":"Microsoft.MachineLearningServices.ModelRegistered"}]""", Token, "application/cloudevents-batch+json");

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        var messages = new[] { Fixture.Next(Token), Fixture.Next(Token) }.ToDictionary(message => message.Topic, message => message.Envelope);
        Assert.Equal(2, messages["other-events"].GetProperty("twice").GetInt32());
        Assert.Equal("e-1", messages["model-registered"].GetProperty("id").GetString());
    }

    [Fact]
    public async Task A_structured_cloudevent_is_read_from_its_body_even_if_headers_repeat_it()
    {
        using var response = await Fixture.PostAsync(
            """{"specversion":"1.0","id":"c-5","source":"/ws","type":"x","data":{"n":1}}""", Token, "Application/CloudEvents+JSON",
            ("ce-specversion", "1.0"), ("ce-id", "c-5"), ("ce-source", "/ws"), ("ce-type", "x"));

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("""{"n":1}""", Fixture.Next(Token).Envelope.GetProperty("data").GetRawText());
    }

    [Theory]
    [InlineData("\uFEFF{\"n\":1}", "other-events")]
    [InlineData("{\"n\":\"\\ud800\"}", "quarantine")]
    public async Task The_data_of_a_binary_cloudevent_may_begin_with_a_byte_order_mark_and_must_be_valid_Unicode(string body, string topic)
    {
        using var response = await Fixture.PostAsync(body, Token, "application/json", ("ce-specversion", "1.0"), ("ce-id", "b-3"), ("ce-source", "/ws"), ("ce-type", "x"));

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(topic, Fixture.Next(Token).Topic);
    }

    [Fact]
    public async Task Text_in_another_encoding_keeps_its_bytes()
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/events?code=" + IngressFixture.Key) { Content = new ByteArrayContent([0xE9]) };
        request.Content.Headers.TryAddWithoutValidation("Content-Type", "text/plain; charset=iso-8859-1");
        foreach (var (name, value) in new[] { ("ce-specversion", "1.0"), ("ce-id", "b-4"), ("ce-source", "/ws"), ("ce-type", "x") })
        {
            request.Headers.Add(name, value);
        }

        using var response = await Fixture.Client.SendAsync(request, Token);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("6Q==", Fixture.Next(Token).Envelope.GetProperty("data_base64").GetString());
    }

    [Theory]
    [InlineData(" \r\n\t", HttpStatusCode.BadRequest)]
    [InlineData("\uFEFF[]", HttpStatusCode.OK)]
    public async Task A_sender_may_wait_for_100_Continue(string body, HttpStatusCode expected)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/events?code=" + IngressFixture.Key) { Content = new StringContent(body) };
        request.Headers.ExpectContinue = true;

        using var response = await Fixture.Client.SendAsync(request, Token);

        Assert.Equal(expected, response.StatusCode);
    }
}
