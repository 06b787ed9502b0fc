using System.Text.Json;

using Microsoft.Extensions.Logging;

using MLEvents.Local.Sidecar.Tests.Infrastructure;

namespace MLEvents.Local.Sidecar.Tests.PubSub;

/// <summary>Tests the calls that the services use. They publish and bulk-publish with the Dapr SDK, and receive events over HTTP.</summary>
public sealed class PublishThroughDaprClientTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("rps")]
    [InlineData("mem")]
    public async Task A_published_event_reaches_the_subscribed_route(string pubSub)
    {
        await using var app = await FakeApp.StartAsync();
        app.Subscribe(pubSub, "orders");
        await using var sidecar = await TestSidecar.StartAsync(_folder, app, Yaml.Brokers());

        await sidecar.Dapr.PublishEventAsync(pubSub, "orders", new { Id = 7 }, TestContext.Current.CancellationToken);

        var delivery = Assert.Single(await app.WaitForAsync(1));
        Assert.Equal("/orders", delivery.Path);
        using var envelope = JsonDocument.Parse(delivery.Body);
        Assert.Equal(7, envelope.RootElement.GetProperty("data").GetProperty("id").GetInt32());
        Assert.Equal("rec-app", envelope.RootElement.GetProperty("source").GetString());
    }

    [Fact]
    public async Task Every_event_of_a_bulk_publish_is_delivered_once()
    {
        await using var app = await FakeApp.StartAsync();
        app.Subscribe("rps", "orders");
        await using var sidecar = await TestSidecar.StartAsync(_folder, app, Yaml.Brokers());
        var events = Enumerable.Range(0, 100).Select(number => new { Number = number }).ToList();

        var answer = await sidecar.Dapr.BulkPublishEventAsync("rps", "orders", events, cancellationToken: TestContext.Current.CancellationToken);

        Assert.Empty(answer.FailedEntries);
        var deliveries = await app.WaitForAsync(100);
        Assert.Equal(Enumerable.Range(0, 100), deliveries.Select(Number).Order());
    }

    [Theory]
    [InlineData(LogLevel.Information, false)]
    [InlineData(LogLevel.Debug, true)]
    public async Task Requests_are_logged_only_at_the_level_debug(LogLevel level, bool isLogged)
    {
        await using var app = await FakeApp.StartAsync();
        await using var sidecar = await TestSidecar.StartAsync(_folder, app, Yaml.Brokers(), options => options.LogLevel = level);

        await sidecar.Dapr.PublishEventAsync("rps", "orders", new { Id = 7 }, TestContext.Current.CancellationToken);

        Assert.Contains(sidecar.Logs, log => log.Message.StartsWith("App discovered", StringComparison.Ordinal));
        Assert.Equal(isLogged, sidecar.Logs.Any(log => log.Category is { } category && (category.StartsWith("Microsoft.AspNetCore", StringComparison.Ordinal) || category.StartsWith("Grpc", StringComparison.Ordinal))));
    }

    private static int Number(Call call)
    {
        using var envelope = JsonDocument.Parse(call.Body);
        return envelope.RootElement.GetProperty("data").GetProperty("number").GetInt32();
    }
}
