using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

namespace MLEvents.ServiceDefaults.Tests;

public sealed class HealthTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Without_its_sidecar_a_service_is_alive_not_ready_and_says_why()
    {
        await using var fixture = await TopicFixture.StartAsync(Token);
        fixture.Service.Expected = log => log.Category?.Contains("HealthChecks", StringComparison.Ordinal) == true;

        using var alive = await fixture.Service.Client.GetAsync(new Uri("/healthz", UriKind.Relative), Token);
        using var ready = await fixture.Service.Client.GetAsync(new Uri("/readyz", UriKind.Relative), Token);
        using var health = await fixture.Service.Client.GetAsync(new Uri("/health", UriKind.Relative), Token);

        Assert.Equal(HttpStatusCode.OK, alive.StatusCode);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, ready.StatusCode);
        var dapr = (await health.Content.ReadFromJsonAsync<JsonElement>(Token)).GetProperty("checks").GetProperty("dapr");
        Assert.Contains("DAPR_HTTP_ENDPOINT", dapr.GetProperty("description").GetString(), StringComparison.Ordinal);
    }
}
