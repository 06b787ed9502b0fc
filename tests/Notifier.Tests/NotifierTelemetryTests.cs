using System.Diagnostics.Metrics;

using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.Metrics.Testing;
using Microsoft.Extensions.Time.Testing;

using MLEvents.Ledger;
using MLEvents.Tests.Services;

namespace MLEvents.Notifier.Tests;

public sealed class NotifierTelemetryTests : IDisposable
{
    private static readonly DateTimeOffset Happened = new(2026, 11, 1, 12, 0, 0, TimeSpan.Zero);

    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly FakeTimeProvider _time = new(Happened);

    public void Dispose() => _services.Dispose();

    [Theory]
    [InlineData(90, 90)]
    [InlineData(0, 0)]
    public void The_age_of_an_event_is_measured_by_topic(int seconds, double age)
    {
        using var ages = new MetricCollector<double>(Meters, NotifierTelemetry.Meter, "mlevents.notifier.event.age");
        _time.Advance(TimeSpan.FromSeconds(seconds));

        new NotifierTelemetry(Meters, _time).Handled(SampleEvents.Of("RunCompleted"));

        var measured = Assert.Single(ages.GetMeasurementSnapshot());
        Assert.Equal((age, "run-completed"), (measured.Value, measured.Tags["topic"]));
    }

    [Fact]
    public void An_event_from_a_clock_that_is_ahead_is_not_younger_than_now()
    {
        using var ages = new MetricCollector<double>(Meters, NotifierTelemetry.Meter, "mlevents.notifier.event.age");
        var early = new FakeTimeProvider(Happened.AddHours(-1));

        new NotifierTelemetry(Meters, early).Handled(SampleEvents.Of("RunCompleted"));

        Assert.Equal(0, Assert.Single(ages.GetMeasurementSnapshot()).Value);
    }

    [Fact]
    public void Attempts_are_counted_by_channel_and_outcome()
    {
        using var alerts = new MetricCollector<long>(Meters, NotifierTelemetry.Meter, "mlevents.notifier.alerts");
        var telemetry = new NotifierTelemetry(Meters, _time);

        telemetry.Attempted("email", new Succeeded());
        telemetry.Attempted("email", new Failed());
        telemetry.Attempted("teams", new Retry());
        telemetry.Attempted("email", new Continue("throttle", TimeSpan.Zero));
        telemetry.Attempted("email", new Skipped());

        Assert.Equal(
            [("email", "sent"), ("email", "failed"), ("teams", "retry")],
            alerts.GetMeasurementSnapshot().Select(measured => ((string?)measured.Tags["channel"], (string?)measured.Tags["outcome"])));
    }

    private IMeterFactory Meters => _services.GetRequiredService<IMeterFactory>();
}
