using System.Net;

using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

using MLEvents.Tests.Common;

namespace MLEvents.Ingress.Tests;

public sealed class KeyTests
{
    private const string First = "first-key-of-two-keys";
    private const string Second = "second-key-of-two-keys";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("/events?code=" + First, null, HttpStatusCode.OK)]
    [InlineData("/events?code=" + Second, null, HttpStatusCode.OK)]
    [InlineData("/events", Second, HttpStatusCode.OK)]
    [InlineData("/events", null, HttpStatusCode.Unauthorized)]
    [InlineData("/events?code=", null, HttpStatusCode.Unauthorized)]
    [InlineData("/events?code=wrong", null, HttpStatusCode.Unauthorized)]
    [InlineData("/events?code=" + IngressOptions.LocalKey, null, HttpStatusCode.Unauthorized)]
    public async Task Each_of_the_two_keys_is_accepted_and_every_other_key_is_refused(string path, string? header, HttpStatusCode expected)
    {
        await using var ingress = await StartAsync(Environments.Production, First, Second);
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new StringContent("[]") };
        if (header is not null)
        {
            request.Headers.Add("x-webhook-key", header);
        }

        using var response = await ingress.Client.SendAsync(request, Token);

        Assert.Equal(expected, response.StatusCode);
        if (expected == HttpStatusCode.Unauthorized)
        {
            Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        }
    }

    [Fact]
    public async Task The_handshake_needs_a_key_too()
    {
        await using var ingress = await StartAsync(Environments.Production, First);
        using var request = new HttpRequestMessage(HttpMethod.Options, "/events");
        request.Headers.Add("WebHook-Request-Origin", "eventgrid.azure.net");

        using var response = await ingress.Client.SendAsync(request, Token);

        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
        Assert.False(response.Headers.Contains("WebHook-Allowed-Origin"));
    }

    [Fact]
    public async Task Keys_never_reach_the_log()
    {
        await using var ingress = await StartAsync(Environments.Production, First);
        using var response = await ingress.Client.PostAsync(new Uri("/events?code=" + First, UriKind.Relative), new StringContent("[]"), Token);
        using var refused = await ingress.Client.PostAsync(new Uri("/events?code=" + Second, UriKind.Relative), new StringContent("[]"), Token);

        Assert.NotEmpty(ingress.Logs);
        Assert.DoesNotContain(ingress.Logs, log => log.ToString().Contains("key-of-two-keys", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Many_requests_without_a_key_do_not_fill_the_log()
    {
        await using var ingress = await StartAsync(Environments.Production, First);
        for (var request = 0; request < 50; request++)
        {
            using var refused = await ingress.Client.PostAsync(new Uri("/events", UriKind.Relative), new StringContent("[]"), Token);
            Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
        }

        // The ingress logs at most one line in ten seconds. On a slow machine, the 50 requests can take more than ten seconds.
        Assert.InRange(ingress.Logs.Count(log => log.Message.Contains("Refused a request", StringComparison.Ordinal)), 1, 10);
    }

    [Theory]
    [InlineData("/subscriptions/s/resourceGroups/g")]
    [InlineData("/subscriptions/s/resourceGroups/g/providers/Microsoft.MachineLearningServices/workspaces/w/jobs/j")]
    [InlineData("*")]
    public async Task An_entry_of_the_allowed_workspaces_that_is_not_a_workspace_stops_the_start(string entry)
    {
        var error = await Assert.ThrowsAsync<OptionsValidationException>(() => RunningService.StartAsync(
            configure => IngressService.Create([], configure), [new("Ingress:Keys:0", First), new("Ingress:Workspaces:0", entry)], Token));

        Assert.Contains($"Ingress:Workspaces holds '{entry}'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_webhook_key_that_is_also_the_operators_token_stops_the_start()
    {
        var error = await Assert.ThrowsAsync<OptionsValidationException>(() => RunningService.StartAsync(
            configure => IngressService.Create([], configure), [new("Ingress:Keys:0", First), new("Ingress:Keys:1", Second), new("Operations:Token", Second)], Token));

        Assert.Contains("Operations:Token", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task In_Development_the_local_key_is_accepted()
    {
        await using var ingress = await StartAsync(Environments.Development);

        using var response = await ingress.Client.PostAsync(new Uri("/events?code=local-development-key", UriKind.Relative), new StringContent("[]"), Token);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Theory]
    [InlineData("Origin", "https://evil.example", HttpStatusCode.Forbidden)]
    [InlineData("Sec-Fetch-Site", "cross-site", HttpStatusCode.Forbidden)]
    [InlineData("Sec-Fetch-Mode", "cors", HttpStatusCode.OK)]
    public async Task The_local_key_is_refused_in_a_request_from_a_web_page(string header, string value, HttpStatusCode expected)
    {
        await using var ingress = await StartAsync(Environments.Development);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/events?code=local-development-key") { Content = new StringContent("[]") };
        request.Headers.Add(header, value);

        using var response = await ingress.Client.SendAsync(request, Token);

        Assert.Equal(expected, response.StatusCode);
    }

    [Theory]
    [InlineData(new string[0], "Ingress:Keys is empty")]
    [InlineData(new[] { IngressOptions.LocalKey }, "Development only")]
    [InlineData(new[] { "short" }, "shorter than 16")]
    [InlineData(new[] { First, Second, "third-key-is-too-many" }, "more than two keys")]
    public async Task Outside_Development_invalid_keys_stop_the_start(string[] keys, string expected)
    {
        var error = await Assert.ThrowsAsync<OptionsValidationException>(() => StartAsync(Environments.Production, keys));

        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    private static Task<RunningService> StartAsync(string environment, params string[] keys) => RunningService.StartAsync(
        configure => IngressService.Create(["--environment", environment], configure),
        [.. keys.Select((key, index) => new KeyValuePair<string, string?>($"Ingress:Keys:{index}", key))],
        Token);
}
