using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace MLEvents.Local.Sidecar.Telemetry;

/// <summary>The instruments of the sidecar, and their sums for <c>/metrics</c>.</summary>
internal sealed class SidecarMetrics : IDisposable
{
    private readonly ConcurrentDictionary<string, long> _sums = new(StringComparer.Ordinal);
    private readonly Meter _meter = new("MLEvents.Local.Sidecar");
    private readonly MeterListener _listener = new();
    private readonly Counter<long> _published;
    private readonly Counter<long> _delivered;

    public SidecarMetrics()
    {
        _published = _meter.CreateCounter<long>("sidecar.published", "{message}", "Messages that the broker stored.");
        _delivered = _meter.CreateCounter<long>("sidecar.delivered", "{message}", "Deliveries of messages to the app, by outcome: Done, DeadLetter, Defer, Abandon.");
        _listener.InstrumentPublished = Listen;
        _listener.SetMeasurementEventCallback<long>(Add);
        _listener.Start();
    }

    /// <summary>Returns the counters as lines of Prometheus' text format.</summary>
    public IEnumerable<string> Lines => _sums.OrderBy(sum => sum.Key, StringComparer.Ordinal).Select(sum => $"{sum.Key} {sum.Value}");

    public void Published(string pubSub, string topic, int count) => _published.Add(count, new("pubsub", pubSub), new("topic", topic));

    public void Delivered(string pubSub, string topic, string outcome, int count) =>
        _delivered.Add(count, new("pubsub", pubSub), new("topic", topic), new("outcome", outcome));

    /// <summary>Returns the name and the labels of a series in Prometheus' text format.</summary>
    public static string Series(string name, params ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var labels = new List<string>();
        foreach (var (key, value) in tags)
        {
            labels.Add($"{key}=\"{Escape(value as string ?? "")}\"");
        }

        return $"{name}{{{string.Join(',', labels)}}}";
    }

    private static string Escape(string label) =>
        label.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);

    public void Dispose()
    {
        _listener.Dispose();
        _meter.Dispose();
    }

    private void Listen(Instrument instrument, MeterListener listener)
    {
        // Other sidecars in the same process have meters with the same name.
        if (ReferenceEquals(instrument.Meter, _meter))
        {
            listener.EnableMeasurementEvents(instrument);
        }
    }

    private void Add(Instrument instrument, long measurement, ReadOnlySpan<KeyValuePair<string, object?>> tags, object? state)
    {
        var name = instrument.Name.Replace('.', '_') + "_total";
        _sums.AddOrUpdate(Series(name, tags), measurement, (_, sum) => sum + measurement);
    }
}
