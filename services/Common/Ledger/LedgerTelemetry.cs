using System.Diagnostics.Metrics;

namespace MLEvents.Ledger;

/// <summary>The ledger's metrics: what became of the actions of a service, those included whose rule could not be worked out.</summary>
internal sealed class LedgerTelemetry
{
    /// <summary>The meter's name.</summary>
    public const string MeterName = "MLEvents.Ledger";

    private readonly KeyValuePair<string, object?> _service;
    private readonly TimeProvider _time;
    private readonly Counter<long> _actions;
    private readonly Histogram<double> _duration;
    private readonly Gauge<int> _pending;

    public LedgerTelemetry(IMeterFactory meters, LedgerService service, TimeProvider time)
    {
        (_service, _time) = (new("service", service.Name), time);
        var meter = meters.Create(MeterName);
        _actions = meter.CreateCounter<long>("mlevents.ledger.actions", "{action}", "Actions that came to their end, by service and outcome: succeeded, failed or skipped.");
        _duration = meter.CreateHistogram<double>("mlevents.ledger.action.duration", "s", "Time from accepting an action to its end, by service and outcome.");
        _pending = meter.CreateGauge<int>("mlevents.ledger.pending", "{action}", "Actions in the pending index, by service; every replica sees the same ones.");
    }

    /// <summary>Counts an action that has come to its end.</summary>
    public void Finished(ActionRecord record)
    {
        KeyValuePair<string, object?> outcome = new("outcome", record.StatusName);
        _actions.Add(1, _service, outcome);
        _duration.Record((_time.GetUtcNow() - record.CreatedAt).TotalSeconds, _service, outcome);
    }

    /// <summary>Notes how many actions are pending.</summary>
    public void Pending(int actions) => _pending.Record(actions, _service);
}
