using System.Diagnostics.Metrics;

using MLEvents.Ledger;

namespace MLEvents.Notifier;

/// <summary>The notifier's own metrics.</summary>
internal sealed class NotifierTelemetry
{
    /// <summary>The meter's name.</summary>
    public const string Meter = "MLEvents.Notifier";

    private readonly Counter<long> _alerts;

    public NotifierTelemetry(IMeterFactory meters)
    {
        var meter = meters.Create(Meter);
        _alerts = meter.CreateCounter<long>("mlevents.notifier.alerts", "{alert}", "Attempts to send an alert or a digest, by channel and outcome: sent, failed (without a retry), refused (the credential) or retry.");
    }

    /// <summary>Counts the result of a step as an attempt, unless the step only waits or skips the alert.</summary>
    public void Attempted(string channel, StepResult result)
    {
        if (result is Continue or Skipped)
        {
            return;
        }

        var outcome = result switch { Succeeded => "sent", Failed => "failed", CredentialRefused => "refused", _ => "retry" };
        _alerts.Add(1, new("channel", channel), new("outcome", outcome));
    }
}
