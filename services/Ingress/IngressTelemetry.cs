using System.Diagnostics.Metrics;

namespace MLEvents.Ingress;

/// <summary>The ingress's own metrics.</summary>
internal sealed class IngressTelemetry
{
    private readonly Counter<long> _received;
    private readonly Counter<long> _refused;
    private readonly Counter<long> _stored;

    public IngressTelemetry(IMeterFactory meters)
    {
        var meter = meters.Create("MLEvents.Ingress");
        _received = meter.CreateCounter<long>(
            "mlevents.ingress.events", "{event}", "Published events, by topic. The events of the topic 'quarantine' contain the quarantined parts of requests.");
        _refused = meter.CreateCounter<long>("mlevents.ingress.refused", "{request}", "Refused requests, by status code.");
        _stored = meter.CreateCounter<long>(
            "mlevents.ingress.kept", "{message}", "Messages that were stored for operators, by topic: quarantine or dead-letters. A redelivered message counts again.");
    }

    public void Received(string topic, int events) => _received.Add(events, new KeyValuePair<string, object?>("topic", topic));

    public void Refused(int status) => _refused.Add(1, new KeyValuePair<string, object?>("http.response.status_code", status));

    public void Stored(string topic) => _stored.Add(1, new KeyValuePair<string, object?>("topic", topic));
}
