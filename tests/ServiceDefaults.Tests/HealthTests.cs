using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

using Dapr.Client;

using MLEvents.Local.Sidecar;
using MLEvents.Local.Sidecar.Configuration;
using MLEvents.Tests.Common;

namespace MLEvents.ServiceDefaults.Tests;

public sealed class HealthTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Without_its_sidecar_a_service_is_alive_but_not_ready_and_says_why()
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

    [Fact]
    public async Task With_its_sidecar_a_service_is_ready()
    {
        using var folder = new TempFolder();
        await using var sidecar = await StartSidecarAsync(folder);
        await using var fixture = await TopicFixture.StartAsync(Token, settings: Endpoints(sidecar));

        using var ready = await fixture.Service.Client.GetAsync(new Uri("/readyz", UriKind.Relative), Token);

        Assert.Equal(HttpStatusCode.OK, ready.StatusCode);
    }

    [Fact]
    public async Task Bulk_calls_of_the_sdk_carry_the_token_too()
    {
        using var folder = new TempFolder();
        folder.Write("statestore.yaml", "apiVersion: dapr.io/v1alpha1\nkind: Component\nmetadata: { name: statestore }\nspec: { type: state.in-memory, version: v1, metadata: [] }\n");
        await using var sidecar = await StartSidecarAsync(folder);
        await using var fixture = await TopicFixture.StartAsync(Token, settings: Endpoints(sidecar));

        await fixture.Dapr.SaveBulkStateAsync<string>("statestore", [new SaveStateItem<string>("key", "value", "")], Token);
        var found = await fixture.Dapr.GetBulkStateAsync<string>("statestore", ["key"], parallelism: null, cancellationToken: Token);
        await fixture.Dapr.DeleteBulkStateAsync("statestore", [new BulkDeleteStateItem("key", found[0].ETag)], Token);

        Assert.Equal("value", Assert.Single(found).Value);
    }

    [Theory]
    [InlineData("wrong")]
    [InlineData(null)]
    public async Task A_service_whose_token_the_sidecar_refuses_is_not_ready_and_says_why(string? token)
    {
        using var folder = new TempFolder();
        await using var sidecar = await StartSidecarAsync(folder);
        await using var fixture = await TopicFixture.StartAsync(Token, settings: [.. Endpoints(sidecar), ("DAPR_API_TOKEN", token)]);
        fixture.Service.Expected = log => log.Category?.Contains("HealthChecks", StringComparison.Ordinal) == true;

        using var ready = await fixture.Service.Client.GetAsync(new Uri("/readyz", UriKind.Relative), Token);
        using var health = await fixture.Service.Client.GetAsync(new Uri("/health", UriKind.Relative), Token);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, ready.StatusCode);
        var dapr = (await health.Content.ReadFromJsonAsync<JsonElement>(Token)).GetProperty("checks").GetProperty("dapr");
        Assert.Contains("set DAPR_API_TOKEN", dapr.GetProperty("description").GetString(), StringComparison.Ordinal);
    }

    private static (string Key, string? Value)[] Endpoints(SidecarHost sidecar) =>
        [("DAPR_HTTP_ENDPOINT", sidecar.HttpAddress.ToString()), ("DAPR_GRPC_ENDPOINT", sidecar.GrpcAddress.ToString())];

    private static Task<SidecarHost> StartSidecarAsync(TempFolder folder) => SidecarHost.StartAsync(
        new SidecarOptions { AppId = "service", HttpPort = 0, GrpcPort = 0, DataDirectory = folder.Path, ApiToken = SidecarTokens.Dapr, ResourcesPaths = { folder.Path } }, Token);
}
