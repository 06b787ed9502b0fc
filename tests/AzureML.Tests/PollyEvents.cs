using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace MLEvents.AzureML.Tests;

/// <summary>The events that Polly counts while this object exists.</summary>
/// <remarks>
/// Polly's meter belongs to the process. Pipelines that are built at the same time each publish an instrument of the same name.
/// This class listens to all of them. <c>MetricCollector</c> listens only to the first one, which may be unused.
/// </remarks>
internal sealed class PollyEvents : IDisposable
{
    private readonly MeterListener _listener = new();
    private readonly ConcurrentQueue<IReadOnlyDictionary<string, object?>> _seen = new();

    public PollyEvents()
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument is { Meter.Name: "Polly", Name: "resilience.polly.strategy.events" })
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<int>((_, _, tags, _) => _seen.Enqueue(tags.ToArray().ToDictionary(tag => tag.Key, tag => tag.Value)));
        _listener.Start();
    }

    /// <summary>The tags of each event so far.</summary>
    public IReadOnlyCollection<IReadOnlyDictionary<string, object?>> Seen => [.. _seen];

    public void Dispose() => _listener.Dispose();
}
