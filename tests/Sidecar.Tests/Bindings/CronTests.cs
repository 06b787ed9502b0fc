using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using MLEvents.Local.Sidecar.Bindings.Cron;
using MLEvents.Local.Sidecar.Components;
using MLEvents.Local.Sidecar.Tests.Infrastructure;

namespace MLEvents.Local.Sidecar.Tests.Bindings;

public sealed class CronTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));

    [Theory]
    [InlineData("@every 1h30m", "2026-01-01T01:30:00Z")]
    [InlineData("@every 2s", "2026-01-01T00:00:02Z")]
    [InlineData("@hourly", "2026-01-01T01:00:00Z")]
    [InlineData("@daily", "2026-01-02T00:00:00Z")]
    [InlineData("*/15 * * * *", "2026-01-01T00:15:00Z")]
    [InlineData("*/10 * * * * *", "2026-01-01T00:00:10Z")]
    [InlineData("0 0 3 * * MON", "2026-01-05T03:00:00Z")]
    public void A_schedule_has_a_next_time(string schedule, string next) =>
        Assert.Equal(DateTimeOffset.Parse(next, System.Globalization.CultureInfo.InvariantCulture), CronSchedule.Parse(schedule, TimeZoneInfo.Utc).Next(_time.GetUtcNow()));

    [Theory]
    [InlineData("@every soon")]
    [InlineData("@every 10ms")]
    [InlineData("* *")]
    [InlineData("99 * * * *")]
    public async Task A_schedule_that_is_none_stops_the_start(string schedule)
    {
        var error = await Assert.ThrowsAsync<ResourceException>(() => TestSidecar.StartAsync(_folder, null, Cron("tick", schedule)));

        Assert.Contains("is no cron expression", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_day_that_never_comes_has_no_next_time() => Assert.Null(CronSchedule.Parse("0 0 30 2 *", TimeZoneInfo.Utc).Next(_time.GetUtcNow()));

    [Fact]
    public async Task The_app_is_asked_first_and_then_called_on_the_clock()
    {
        await using var app = await FakeApp.StartAsync(0, app => app.Answer = (call, _) => Task.FromResult((call.Path == "/unwanted" ? 404 : 200, "")));
        await using var sidecar = await StartAsync(app, Cron("tick", "@every 2s") + Cron("unwanted", "@every 2s") + Cron("routed", "@every 2s", "route: custom/route") + Cron("off", "@every 2s", "direction: output"));

        await TickUntilAsync(() => app.Deliveries.Count(call => call.Path == "/tick") > 1 && app.Deliveries.Count(call => call.Path == "/custom/route") > 1);

        Assert.Equal(["/custom/route", "/tick"], app.Deliveries.Select(call => call.Path).Distinct().Order());
        Assert.Equal(
            ["OPTIONS /custom/route", "OPTIONS /tick", "OPTIONS /unwanted"],
            app.All.Select(call => call.Line).Where(line => line.StartsWith("OPTIONS", StringComparison.Ordinal)).Order());
        Assert.All(
            app.Deliveries,
            call => Assert.Equal(("application/json", "0", "Local", ""), (call.Headers["Content-Type"], call.Headers["Content-Length"], call.Headers["Timezone"], call.Body)));
    }

    [Fact]
    public async Task A_call_carries_the_time_it_was_made_at()
    {
        var spec = new ComponentSpec("tick", "bindings.cron", "v1", new Dictionary<string, string> { ["schedule"] = "@every 2s" }, [], default);
        await using var binding = new CronBinding(new(spec, new() { AppId = "app", Time = _time }, NullLoggerFactory.Instance));
        var called = new TaskCompletionSource<BindingMessage>(TaskCreationOptions.RunContinuationsAsynchronously);
        using var stop = new CancellationTokenSource();

        var running = binding.RunAsync((message, _) => Task.FromResult(called.TrySetResult(message)), stop.Token);
        _time.Advance(TimeSpan.FromSeconds(2));
        var message = await called.Task.WaitAsync(TestContext.Current.CancellationToken);
        await stop.CancelAsync();

        Assert.Equal(("2026-01-01 00:00:02.0000000 +0000 UTC", "Local"), (message.Metadata["readTimeUTC"], message.Metadata["timeZone"]));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
    }

    [Fact]
    public void Times_that_passed_during_a_call_are_left_out()
    {
        var start = _time.GetUtcNow();

        var last = CronSchedule.Parse("@every 2s", TimeZoneInfo.Utc).LastUntil(start + TimeSpan.FromSeconds(7), start + TimeSpan.FromSeconds(2));

        Assert.Equal(start + TimeSpan.FromSeconds(6), last);
    }

    [Fact]
    public async Task An_input_only_binding_calls_without_asking()
    {
        await using var app = await FakeApp.StartAsync();
        await using var sidecar = await StartAsync(app, Cron("tick", "@every 2s", "direction: input"));

        await TickUntilAsync(() => app.Deliveries.Count > 0);

        Assert.DoesNotContain(app.All, call => call.Line.StartsWith("OPTIONS", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_call_the_app_refuses_is_logged_and_the_next_one_comes()
    {
        await using var app = await FakeApp.StartAsync(0, app => app.Answer = (_, _) => Task.FromResult((500, "")));
        await using var sidecar = await StartAsync(app, Cron("tick", "@every 2s", "direction: input"));

        await TickUntilAsync(() => app.Deliveries.Count > 1);

        Assert.Contains(sidecar.Logs, log => log.Message.Contains("cron binding tick", StringComparison.Ordinal));
    }

    public void Dispose() => _folder.Dispose();

    private static string Cron(string name, string schedule, params string[] more) => Yaml.Component(name, "bindings.cron", [$"schedule: {schedule}", .. more]);

    private Task<TestSidecar> StartAsync(FakeApp app, string resources) => TestSidecar.StartAsync(_folder, app, resources, options => options.Time = _time);

    /// <summary>Moves the clock on until a condition holds: a binding sets its timer only after its last call has returned.</summary>
    private async Task TickUntilAsync(Func<bool> condition)
    {
        while (!condition())
        {
            _time.Advance(TimeSpan.FromSeconds(2));
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, TestContext.Current.CancellationToken);
        }
    }
}
