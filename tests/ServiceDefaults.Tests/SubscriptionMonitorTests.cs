using MLEvents.Local.Sidecar;
using MLEvents.Local.Sidecar.Configuration;
using MLEvents.Tests.Common;
using MLEvents.Tests.Common.Sidecars;

namespace MLEvents.ServiceDefaults.Tests;

/// <summary>A service whose sidecar lists no subscriptions. The fake sidecar answers as daprd 1.17 does.</summary>
public sealed class SubscriptionMonitorTests
{
    private const string Connection = """ "appConnectionProperties":{"port":5101,"protocol":"http","channelAddress":"127.0.0.1"} """;
    private const string Unsubscribed = $$"""{"id":"service","runtimeVersion":"1.17.13",{{Connection}}}""";
    private const string Subscribed = $$"""{"id":"service","runtimeVersion":"1.17.13",{{Connection}},"subscriptions":[{"pubsubname":"pubsub","topic":"run-completed"}]}""";
    private const string TooOld = $$"""{"id":"service",{{Connection}}}""";
    private const string WithoutApp = """{"id":"service","runtimeVersion":"1.17.13"}""";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_sidecar_without_subscriptions_is_shut_down_after_two_checks()
    {
        await using var sidecar = await StartSidecarAsync(() => Unsubscribed);
        await using var fixture = await StartServiceAsync(sidecar);
        fixture.Service.Expected = log => log.Message.Contains("had no subscriptions", StringComparison.Ordinal);

        var shutdown = (await sidecar.WaitForAsync(call => call.Line == "POST /v1.0/shutdown", 1))[0];

        Assert.Equal(2, sidecar.All.TakeWhile(call => call != shutdown).Count(call => call.Line == "GET /v1.0/metadata"));
        Assert.All(sidecar.All, call => Assert.Equal(SidecarTokens.Dapr, call.Headers["dapr-api-token"]));
    }

    [Fact]
    public async Task A_sidecar_that_got_the_subscriptions_between_two_checks_is_not_shut_down()
    {
        var checks = 0;
        await using var sidecar = await StartSidecarAsync(() => Interlocked.Increment(ref checks) % 2 == 0 ? Subscribed : Unsubscribed);
        await using var fixture = await StartServiceAsync(sidecar);

        await Poll.UntilAsync(() => Volatile.Read(ref checks) > 6, Token);

        Assert.DoesNotContain(sidecar.All, call => call.Path == "/v1.0/shutdown");
    }

    [Theory]
    [InlineData(Subscribed)]
    [InlineData(TooOld)]
    [InlineData(WithoutApp)]
    [InlineData("null")]
    [InlineData("not JSON")]
    public async Task A_sidecar_whose_metadata_does_not_show_missing_subscriptions_is_not_shut_down(string metadata)
    {
        var checks = 0;
        await using var sidecar = await StartSidecarAsync(() =>
        {
            Interlocked.Increment(ref checks);
            return metadata;
        });
        await using var fixture = await StartServiceAsync(sidecar);

        await Poll.UntilAsync(() => Volatile.Read(ref checks) > 3, Token);

        Assert.DoesNotContain(sidecar.All, call => call.Path == "/v1.0/shutdown");
    }

    [Fact]
    public async Task A_sidecar_that_refuses_to_shut_down_is_reported_and_asked_again()
    {
        await using var sidecar = await StartSidecarAsync(() => Unsubscribed, shutdownStatus: 403);
        await using var fixture = await StartServiceAsync(sidecar);
        fixture.Service.Expected = log => log.Message.Contains("could not shut it down", StringComparison.Ordinal);

        await sidecar.WaitForAsync(call => call.Line == "POST /v1.0/shutdown", 2);

        Assert.Contains(fixture.Service.Logs, log => log.Message.Contains("Restart the sidecar.", StringComparison.Ordinal));
    }

    [Fact]
    public async Task No_error_is_logged_if_the_sidecar_does_not_support_a_shutdown()
    {
        await using var sidecar = await StartSidecarAsync(() => Unsubscribed, shutdownStatus: 501);
        await using var fixture = await StartServiceAsync(sidecar);

        await sidecar.WaitForAsync(call => call.Line == "POST /v1.0/shutdown", 2);
    }

    [Fact]
    public async Task The_health_of_a_service_says_that_its_sidecar_has_no_subscriptions()
    {
        using var folder = new TempFolder();
        await using var sidecar = await SidecarHost.StartAsync(
            new SidecarOptions { AppId = "service", AppPort = FreePort.Next(), HttpPort = 0, GrpcPort = 0, DataDirectory = folder.Path, ApiToken = SidecarTokens.Dapr, ResourcesPaths = { folder.Path } }, Token);
        await using var fixture = await TopicFixture.StartAsync(
            Token, settings: [("DAPR_HTTP_ENDPOINT", sidecar.HttpAddress.ToString()), ("DAPR_GRPC_ENDPOINT", sidecar.GrpcAddress.ToString()), ("Sidecar:SubscriptionCheckInterval", "00:00:00.05")]);

        var health = await Poll.UntilAsync(stop => fixture.Service.Client.GetStringAsync(new Uri("/health", UriKind.Relative), stop), text => text.Contains("has no subscriptions", StringComparison.Ordinal), Token);

        Assert.Contains("Degraded", health, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_interval_of_0_turns_the_check_off()
    {
        await using var sidecar = await StartSidecarAsync(() => Unsubscribed);
        await using var fixture = await StartServiceAsync(sidecar, "00:00:00");
        using var alive = await fixture.Service.Client.GetAsync(new Uri("/healthz", UriKind.Relative), Token);

        Assert.DoesNotContain(sidecar.All, call => call.Path == "/v1.0/metadata");
    }

    [Theory]
    [InlineData("-00:00:01")]
    [InlineData("01:00:01")]
    public async Task An_interval_out_of_range_stops_the_start(string interval)
    {
        var fault = await Assert.ThrowsAsync<Microsoft.Extensions.Options.OptionsValidationException>(() => TopicFixture.StartAsync(Token, settings: [("Sidecar:SubscriptionCheckInterval", interval)]));

        Assert.Contains($"Sidecar:SubscriptionCheckInterval is {interval}. Set it to a time from 00:00:00 (no check) to 01:00:00.", fault.Message, StringComparison.Ordinal);
    }

    private static Task<FakeApp> StartSidecarAsync(Func<string> metadata, int shutdownStatus = 204) => FakeApp.StartAsync(configure: app => app.Answer = (call, _) => Task.FromResult(call.Path switch
    {
        "/v1.0/metadata" => (200, metadata()),
        "/v1.0/shutdown" => (shutdownStatus, ""),
        _ => (404, ""),
    }));

    private static Task<TopicFixture> StartServiceAsync(FakeApp sidecar, string interval = "00:00:00.05") => TopicFixture.StartAsync(
        Token, settings: [("DAPR_HTTP_ENDPOINT", $"http://127.0.0.1:{sidecar.Port}"), ("Sidecar:SubscriptionCheckInterval", interval)]);
}
