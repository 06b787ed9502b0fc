using System.Collections.Concurrent;
using System.Text.Json;

using MLEvents.Local.Sidecar.Configuration;
using MLEvents.Local.Sidecar.Tests.Infrastructure;

namespace MLEvents.Local.Sidecar.Tests.Resiliency;

/// <summary>
/// A dependency of a subscriber is not available for a night. The sidecar uses the broker and the resiliency policies of <c>components/embedded</c>.
/// </summary>
public sealed class LongOutageTests : IDisposable
{
    private const int Workers = 10;
    private const int Messages = 30;
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Step = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Night = TimeSpan.FromHours(10);

    private readonly TempFolder _folder = new();
    private readonly ObservedTime _time = new();
    private readonly ConcurrentQueue<int> _handled = new();
    private volatile bool _isNight = true;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_outage_of_ten_hours_loses_no_message_and_does_not_block_other_topics()
    {
        await using var app = await FakeApp.StartAsync(configure: Subscribe);
        app.Answer = (call, _) => Task.FromResult(Answer(call));
        await using var sidecar = await TestSidecar.StartAsync(_folder, app, "", Configure);

        await sidecar.Dapr.BulkPublishEventAsync("pubsub", "model-registered", Enumerable.Range(0, Messages).ToList(), cancellationToken: Token);
        for (var (steps, hours) = (1, 0); steps * Step <= Night; steps++)
        {
            await _time.WaitsOfAsync(Workers * steps, Interval, Token);
            if (steps * Step >= TimeSpan.FromHours(hours + 1))
            {
                await sidecar.Dapr.PublishEventAsync("pubsub", "run-completed", hours++, Token);
                await app.WaitForAsync(call => call.Path == "/run-completed", hours);
            }

            _time.Advance(Step);
        }

        await _time.WaitsOfAsync(Workers * (int)((Night / Step) + 1), Interval, Token);
        Assert.Empty(_handled);
        _isNight = false;
        _time.Advance(Interval);
        await sidecar.WaitForIdleAsync();

        Assert.Equal(Enumerable.Range(0, Messages), _handled.Order());
        Assert.DoesNotContain(app.Deliveries, call => call.Path == "/dead-letters");
    }

    public void Dispose() => _folder.Dispose();

    private static void Subscribe(FakeApp app) => app
        .Subscribe("pubsub", "model-registered", ",\"deadLetterTopic\":\"dead-letters\"")
        .Subscribe("pubsub", "run-completed", ",\"deadLetterTopic\":\"dead-letters\"")
        .Subscribe("pubsub", "dead-letters");

    private void Configure(SidecarOptions options)
    {
        options.AppId = "notifier";
        options.Time = _time;
        options.ResourcesPaths.Add(Repository.PathOf("components", "embedded", "pubsub.yaml"));
        options.ResourcesPaths.Add(Repository.PathOf("components", "embedded", "resiliency.yaml"));
    }

    private (int Status, string Body) Answer(Call call)
    {
        if (call.Path == "/model-registered")
        {
            if (_isNight)
            {
                return (200, """{"status":"RETRY"}""");
            }

            _handled.Enqueue(JsonDocument.Parse(call.Body).RootElement.GetProperty("data").GetInt32());
        }

        return (200, """{"status":"SUCCESS"}""");
    }
}
