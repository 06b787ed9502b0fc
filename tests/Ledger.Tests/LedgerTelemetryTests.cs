using System.Diagnostics.Metrics;

using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.Metrics.Testing;
using Microsoft.Extensions.Time.Testing;

using MLEvents.Tests.Common;
using MLEvents.Tests.Services;

namespace MLEvents.Ledger.Tests;

public sealed class LedgerTelemetryTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_finished_action_is_counted_once_even_if_its_rule_cannot_be_evaluated()
    {
        await using var fixture = await LedgerFixture.StartAsync((record, _) => record.Rule == "skipped" ? new Skipped() : new Succeeded(), Token);
        fixture.Fixture.Service.Expected = log => log.Message.Contains("no such variable", StringComparison.Ordinal);
        var meters = fixture.Services.GetRequiredService<IMeterFactory>();
        using var actions = new MetricCollector<long>(meters, LedgerTelemetry.MeterName, "mlevents.ledger.actions");
        using var duration = new MetricCollector<double>(meters, LedgerTelemetry.MeterName, "mlevents.ledger.action.duration");

        await fixture.Runner.RunAsync(SampleEvents.Create("RunCompleted"), [LedgerFixture.Request(), LedgerFixture.Request() with { Rule = "skipped" }, LedgerFixture.Request("no such variable") with { Rule = "fault" }], Token);

        Assert.Equal(["r succeeded", "skipped skipped", "fault failed"], actions.GetMeasurementSnapshot().Select(measured => $"{measured.Tags["rule"]} {measured.Tags["outcome"]}"));
        Assert.All(actions.GetMeasurementSnapshot(), measured => Assert.Equal("tester", measured.Tags["service"]));
        Assert.Equal(3, duration.GetMeasurementSnapshot().Count);
    }

    [Fact]
    public async Task The_number_of_pending_actions_is_measured()
    {
        await using var fixture = await LedgerFixture.StartAsync((_, _) => new Continue("waiting", TimeSpan.FromHours(1)), Token);
        using var pending = new MetricCollector<int>(fixture.Services.GetRequiredService<IMeterFactory>(), LedgerTelemetry.MeterName, "mlevents.ledger.pending");

        await fixture.Runner.RunAsync(SampleEvents.Create("RunCompleted"), [LedgerFixture.Request()], Token);
        await Poll.UntilAsync(() => pending.LastMeasurement?.Value == 1, Token);
    }

    [Theory]
    [InlineData(90, 90)]
    [InlineData(0, 0)]
    [InlineData(-3600, 0)]
    public void The_age_of_an_event_is_measured_by_service_and_topic_and_is_never_negative(int seconds, double age)
    {
        using var services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        var meters = services.GetRequiredService<IMeterFactory>();
        using var ages = new MetricCollector<double>(meters, LedgerTelemetry.MeterName, "mlevents.ledger.event.age");
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 11, 1, 12, 0, 0, TimeSpan.Zero) + TimeSpan.FromSeconds(seconds));

        new LedgerTelemetry(meters, new LedgerService("tester"), time).Received(SampleEvents.Create("RunCompleted"));

        var measured = Assert.Single(ages.GetMeasurementSnapshot());
        Assert.Equal((age, "tester", "run-completed"), (measured.Value, measured.Tags["service"], measured.Tags["topic"]));
    }
}
