using System.Diagnostics.Metrics;

using MLEvents.Events;
using MLEvents.Ledger;

namespace MLEvents.Notifier;

/// <summary>The notifier's own metrics.</summary>
internal sealed class NotifierTelemetry
{
    /// <summary>The meter's name.</summary>
    public const string Meter = "MLEvents.Notifier";

    private readonly TimeProvider _time;
    private readonly Counter<long> _alerts;
    private readonly Histogram<double> _age;

    public NotifierTelemetry(IMeterFactory meters, TimeProvider time)
    {
        _time = time;
        var meter = meters.Create(Meter);
        _alerts = meter.CreateCounter<long>("mlevents.notifier.alerts", "{alert}", "Attempts to send an alert or a digest, by channel and outcome: sent, failed for good or retry.");
        _age = meter.CreateHistogram<double>("mlevents.notifier.event.age", "s", "Time from an event to its handling, by topic.");
    }

    /// <summary>Notes how old an event is; the clock of its publisher may be ahead of this one.</summary>
    public void Handled(WorkflowEvent workflowEvent)
    {
        if (workflowEvent.Time is { } happened)
        {
            var age = Math.Max(0, (_time.GetUtcNow() - happened).TotalSeconds);
            _age.Record(age, new KeyValuePair<string, object?>("topic", Topics.Of(workflowEvent.Type)));
        }
    }

    /// <summary>Counts an attempt; what was not to be sent, or not yet, is none.</summary>
    public void Attempted(string channel, StepResult result)
    {
        if (result is Continue or Skipped)
        {
            return;
        }

        var outcome = result switch { Succeeded => "sent", Failed => "failed", _ => "retry" };
        _alerts.Add(1, new("channel", channel), new("outcome", outcome));
    }
}
