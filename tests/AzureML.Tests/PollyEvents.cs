using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace MLEvents.AzureML.Tests;

/// <summary>What Polly counted while it was listened to.</summary>
/// <remarks>
/// Polly's meter belongs to the process, and pipelines built at the same moment each publish an instrument of the same name, of which one is kept:
/// so every one of them is listened to (<c>MetricCollector</c> keeps to the first, which may be the one that nobody uses).
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
