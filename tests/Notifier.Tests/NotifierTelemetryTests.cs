using System.Diagnostics.Metrics;

using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.Metrics.Testing;

using MLEvents.Ledger;

namespace MLEvents.Notifier.Tests;

public sealed class NotifierTelemetryTests : IDisposable
{
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();

    public void Dispose() => _services.Dispose();

    [Fact]
    public void Attempts_are_counted_by_channel_and_outcome()
    {
        using var alerts = new MetricCollector<long>(Meters, NotifierTelemetry.Meter, "mlevents.notifier.alerts");
        var telemetry = new NotifierTelemetry(Meters);

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
