using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace MLEvents.AzureML.Tests;

/// <summary>What Polly counted while it was listened to.</summary>
/// <remarks>
/// Polly's meter belongs to the process, and pipelines built at the same moment each publish an instrument of the same name, and listeners keep one of them:
/// so this listens to every one of them (<c>MetricCollector</c> listens to the first only, which may be unused).
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
