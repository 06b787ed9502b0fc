using System.Net;
using System.Text;

using Microsoft.Extensions.Options;

using MLEvents.Tests.Common;

namespace MLEvents.ServiceDefaults.Tests;

/// <summary>Tests who may call the sidecar's routes of a service, and under which conditions a service starts without a token.</summary>
public sealed class SidecarAccessTests
{
    private const string Topic = "/topics/run-completed";
    private const string Subscriptions = "/dapr/subscribe";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(null, HttpStatusCode.Unauthorized, 0)]
    [InlineData("wrong", HttpStatusCode.Unauthorized, 0)]
    [InlineData(SidecarTokens.App, HttpStatusCode.OK, 1)]
    public async Task Only_a_sidecar_with_the_token_may_deliver(string? token, HttpStatusCode expected, int handled)
    {
        await using var fixture = await TopicFixture.StartAsync(Token);

        Assert.Equal(expected, await SendAsync(fixture, Delivery(token: token)));
        Assert.Equal(handled, fixture.Handler.Handled.Count);
    }

    [Theory]
    [InlineData(null, HttpStatusCode.Unauthorized)]
    [InlineData(SidecarTokens.App, HttpStatusCode.OK)]
    public async Task Only_a_sidecar_with_the_token_may_read_the_subscriptions(string? token, HttpStatusCode expected)
    {
        await using var fixture = await TopicFixture.StartAsync(Token);
        using var request = new HttpRequestMessage(HttpMethod.Get, Subscriptions);

        Assert.Equal(expected, await SendAsync(fixture, WithToken(request, token)));
    }

    [Theory]
    [InlineData("application/cloudevents+json", HttpStatusCode.OK)]
    [InlineData("application/cloudevents+json; charset=utf-8", HttpStatusCode.OK)]
    [InlineData("application/json", HttpStatusCode.OK)]
    [InlineData("text/plain", HttpStatusCode.UnsupportedMediaType)]
    [InlineData("text/plain; application/cloudevents+json", HttpStatusCode.UnsupportedMediaType)]
    [InlineData("application/x-www-form-urlencoded", HttpStatusCode.UnsupportedMediaType)]
    [InlineData("multipart/form-data; boundary=b", HttpStatusCode.UnsupportedMediaType)]
    [InlineData("application/cloudevents+jsonx", HttpStatusCode.UnsupportedMediaType)]
    [InlineData(null, HttpStatusCode.UnsupportedMediaType)]
    public async Task Only_the_JSON_content_types_of_a_sidecar_are_accepted(string? contentType, HttpStatusCode expected)
    {
        await using var fixture = await TopicFixture.StartAsync(Token);

        Assert.Equal(expected, await SendAsync(fixture, Delivery(contentType: contentType)));
    }

    [Theory]
    [InlineData("127.0.0.1", HttpStatusCode.OK)]
    [InlineData("localhost", HttpStatusCode.OK)]
    [InlineData("[::1]:5101", HttpStatusCode.OK)]
    [InlineData("notifier.internal", HttpStatusCode.OK)]
    [InlineData("rebinding.example.com", HttpStatusCode.Forbidden)]
    [InlineData("127.0.0.1.example.com", HttpStatusCode.Forbidden)]
    [InlineData("192.0.2.7", HttpStatusCode.Forbidden)]
    public async Task Only_host_names_with_which_the_sidecar_calls_the_service_are_accepted(string host, HttpStatusCode expected)
    {
        await using var fixture = await TopicFixture.StartAsync(Token, settings: ("Sidecar:Hosts:0", "Notifier.internal"));
        var delivery = Delivery();
        delivery.Headers.Host = host;

        Assert.Equal(expected, await SendAsync(fixture, delivery));
    }

    [Theory]
    [InlineData("Origin", "https://example.com")]
    [InlineData("Origin", "null")]
    [InlineData("Sec-Fetch-Site", "same-origin")]
    public async Task In_development_without_a_token_a_local_process_may_deliver_but_a_browser_may_not(string header, string value)
    {
        await using var fixture = await TopicFixture.StartAsync(Token, settings: [("APP_API_TOKEN", null), ("environment", "Development")]);
        var page = Delivery(token: null);
        page.Headers.Add(header, value);

        Assert.Equal(HttpStatusCode.OK, await SendAsync(fixture, Delivery(token: null)));
        Assert.Equal(HttpStatusCode.Unauthorized, await SendAsync(fixture, page));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    public async Task Outside_development_a_service_without_a_token_does_not_start(string? token)
    {
        var error = await Assert.ThrowsAsync<OptionsValidationException>(() => TopicFixture.StartAsync(Token, settings: ("APP_API_TOKEN", token)));

        Assert.Contains("Set APP_API_TOKEN", error.Message, StringComparison.Ordinal);
        Assert.Contains("Sidecar:NetworkProtected", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_protected_network_replaces_the_token()
    {
        await using var fixture = await TopicFixture.StartAsync(Token, settings: [("APP_API_TOKEN", null), ("Sidecar:NetworkProtected", "true")]);

        Assert.Equal(HttpStatusCode.OK, await SendAsync(fixture, Delivery(token: null)));
        Assert.Equal(HttpStatusCode.UnsupportedMediaType, await SendAsync(fixture, Delivery(token: null, contentType: "text/plain")));
    }

    private static HttpRequestMessage Delivery(string? contentType = "application/cloudevents+json", string? token = SidecarTokens.App)
    {
        var content = new ByteArrayContent(Encoding.UTF8.GetBytes(TopicFixture.Message));
        if (contentType is not null)
        {
            content.Headers.TryAddWithoutValidation("Content-Type", contentType);
        }

        return WithToken(new(HttpMethod.Post, Topic) { Content = content }, token);
    }

    private static HttpRequestMessage WithToken(HttpRequestMessage request, string? token)
    {
        if (token is not null)
        {
            request.Headers.Add(SidecarTokens.Header, token);
        }

        return request;
    }

    private static async Task<HttpStatusCode> SendAsync(TopicFixture fixture, HttpRequestMessage request)
    {
        using (request)
        {
            using var response = await fixture.Service.Client.SendAsync(request, Token);
            return response.StatusCode;
        }
    }
}
