using System.Diagnostics.Metrics;

using MLEvents.Events;

namespace MLEvents.Ledger;

/// <summary>The metrics of the ledger.</summary>
internal sealed class LedgerTelemetry
{
    /// <summary>The meter's name.</summary>
    public const string MeterName = "MLEvents.Ledger";

    private readonly KeyValuePair<string, object?> _service;
    private readonly TimeProvider _time;
    private readonly Counter<long> _actions;
    private readonly Histogram<double> _duration;
    private readonly Gauge<int> _pending;
    private readonly Histogram<double> _age;

    public LedgerTelemetry(IMeterFactory meters, LedgerService service, TimeProvider time)
    {
        (_service, _time) = (new("service", service.Name), time);
        var meter = meters.Create(MeterName);
        _actions = meter.CreateCounter<long>("mlevents.ledger.actions", "{action}", "Actions that ended, by service, rule and outcome: succeeded, failed or skipped.");
        _duration = meter.CreateHistogram<double>("mlevents.ledger.action.duration", "s", "Time from accepting an action to its end, by service, rule and outcome.");
        _age = meter.CreateHistogram<double>("mlevents.ledger.event.age", "s", "Time from an event to its handling, by service and topic.");
        _pending = meter.CreateGauge<int>("mlevents.ledger.pending", "{action}", "Actions in the pending index, by service; every replica sees the same ones.");
    }

    /// <summary>Records the age of an event. It is 0 if the clock of the publisher is ahead.</summary>
    public void Received(WorkflowEvent workflowEvent)
    {
        if (workflowEvent.Time is { } happened)
        {
            var age = Math.Max(0, (_time.GetUtcNow() - happened).TotalSeconds);
            _age.Record(age, _service, new("topic", Topics.For(workflowEvent.Type)));
        }
    }

    /// <summary>Counts an action that has ended.</summary>
    public void Finished(ActionRecord record)
    {
        KeyValuePair<string, object?> outcome = new("outcome", record.StatusName);
        KeyValuePair<string, object?> rule = new("rule", record.Rule);
        _actions.Add(1, _service, rule, outcome);
        _duration.Record((_time.GetUtcNow() - record.CreatedAt).TotalSeconds, _service, rule, outcome);
    }

    /// <summary>Records the number of pending actions. Not called if some of the pending actions cannot be read, because the number would be too low.</summary>
    public void Pending(int actions) => _pending.Record(actions, _service);
}
