using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

using Dapr.Client;

using Microsoft.Extensions.DependencyInjection;

using MLEvents.Local.Sidecar;
using MLEvents.Local.Sidecar.Configuration;
using MLEvents.Tests.Common;
using MLEvents.Tests.Common.Sidecars;

namespace MLEvents.ServiceDefaults.Tests;

/// <summary>The health of a service that only receives messages.</summary>
public sealed class SubscriberHealthTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task With_its_sidecar_a_subscriber_is_ready_and_has_no_Dapr_client()
    {
        using var folder = new TempFolder();
        await using var sidecar = await SidecarHost.StartAsync(
            new SidecarOptions { AppId = "service", HttpPort = 0, GrpcPort = 0, DataDirectory = folder.Path, ApiToken = SidecarTokens.Dapr, ResourcesPaths = { folder.Path } }, Token);
        await using var fixture = await StartAsync(sidecar.HttpAddress.ToString());

        using var ready = await fixture.Service.Client.GetAsync(new Uri("/readyz", UriKind.Relative), Token);

        Assert.Equal(HttpStatusCode.OK, ready.StatusCode);
        Assert.Null(fixture.Handler.Services.GetService<DaprClient>());
    }

    [Theory]
    [InlineData(204, 401, "set DAPR_API_TOKEN")]
    [InlineData(204, 500, "answers 500 to a request for its metadata")]
    [InlineData(500, 200, "is not healthy and answers 500")]
    public async Task A_subscriber_whose_sidecar_is_not_healthy_is_not_ready_and_says_why(int health, int metadata, string reason)
    {
        await using var sidecar = await FakeApp.StartAsync(configure: app => app.Answer = (call, _) => Task.FromResult(call.Path == "/v1.0/metadata" ? (metadata, "{}") : (health, "")));

        Assert.Contains(reason, await ReasonAsync($"http://127.0.0.1:{sidecar.Port}"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_its_sidecar_a_subscriber_is_not_ready_and_says_why() =>
        Assert.Contains("check DAPR_HTTP_ENDPOINT", await ReasonAsync("http://127.0.0.1:1"), StringComparison.Ordinal);

    [Fact]
    public async Task A_sidecar_that_does_not_answer_in_time_is_reported()
    {
        await using var sidecar = await FakeApp.StartAsync(configure: app => app.Answer = async (_, stop) =>
        {
            await Never.CompletesAsync(stop);
            return (200, "");
        });

        Assert.Contains("check DAPR_HTTP_ENDPOINT", await ReasonAsync($"http://127.0.0.1:{sidecar.Port}"), StringComparison.Ordinal);
    }

    private static Task<TopicFixture> StartAsync(string sidecar) =>
        TopicFixture.StartAsync(Token, settings: [("DAPR_HTTP_ENDPOINT", sidecar), (TopicFixture.OnlyReceives, "true")]);

    private static async Task<string?> ReasonAsync(string sidecar)
    {
        await using var fixture = await StartAsync(sidecar);
        fixture.Service.Expected = log => log.Category?.Contains("HealthChecks", StringComparison.Ordinal) == true;
        using var health = await fixture.Service.Client.GetAsync(new Uri("/health", UriKind.Relative), Token);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, health.StatusCode);
        return (await health.Content.ReadFromJsonAsync<JsonElement>(Token)).GetProperty("checks").GetProperty("dapr").GetProperty("description").GetString();
    }
}
