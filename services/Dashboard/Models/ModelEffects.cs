using System.Text.Json;

using MLEvents.Dashboard.History;
using MLEvents.Events;

namespace MLEvents.Dashboard.Models;

/// <summary>Compares the versions of a model by the data of events: the metrics, the drift that caused a version, and the drift after the version.</summary>
internal sealed class ModelEffects(HistoryQueries queries)
{
    /// <summary>The largest number of versions that are compared. The latest versions are compared.</summary>
    public const int MaxVersions = 5;

    private const int MaxEvents = 200;

    /// <summary>Reads the latest versions of a model, the latest first.</summary>
    public async Task<IReadOnlyList<VersionEffect>> ReadAsync(string model, CancellationToken cancellationToken)
    {
        var events = await queries.ModelEventsAsync(model, MaxEvents, cancellationToken);
        var actions = (await queries.ActionsOfEventsAsync([.. events.Select(stored => stored.Key)], cancellationToken)).ToLookup(action => action.EventKey);
        var effects = new List<VersionEffect>();
        foreach (var version in ModelEvents.ByVersion(events).Take(MaxVersions))
        {
            var chains = version.SelectMany(stored => actions[stored.Key].Select(action => action.CorrelationId).Append(stored.CorrelationId)).Distinct().ToList();
            effects.Add(await ReadAsync(version.Key, [.. version], chains, cancellationToken));
        }

        return effects;
    }

    private async Task<VersionEffect> ReadAsync(string version, IReadOnlyList<StoredEvent> events, IReadOnlyList<string> chains, CancellationToken cancellationToken)
    {
        var chain = new List<StoredEvent>();
        foreach (var id in chains)
        {
            chain.AddRange((await queries.ChainAsync(id, cancellationToken)).Events);
        }

        var began = events.Min(stored => stored.Time);
        var cause = chain.Where(stored => stored.Time <= began).OrderByDescending(stored => stored.Time).Select(DriftReading.From).OfType<DriftReading>().FirstOrDefault();
        return new(
            version,
            events.Any(stored => stored.Type == EventTypes.ModelDeployed),
            ModelMetrics.Read(chain.Where(stored => stored.Type == EventTypes.RunCompleted).Concat(events.Reverse()).Select(DriftReading.DataOf)),
            cause,
            cause is null ? null : await FindSinceAsync(cause, began, cancellationToken));
    }

    private async Task<DriftReading?> FindSinceAsync(DriftReading cause, DateTimeOffset began, CancellationToken cancellationToken)
    {
        var since = await queries.SearchAsync(new() { Type = EventTypes.DatasetDriftDetected, Path = "data.dataDriftName", Value = cause.Monitor, From = began, Limit = 10 }, cancellationToken);
        return since.OrderByDescending(stored => stored.Time).Select(DriftReading.From).OfType<DriftReading>().FirstOrDefault();
    }
}

/// <summary>The data of a model version from events.</summary>
/// <param name="Version">The version.</param>
/// <param name="IsDeployed">Whether the version was deployed.</param>
/// <param name="Metrics">The metrics of the version by name.</param>
/// <param name="Before">The drift that caused the version; null if its chain contains no drift before it.</param>
/// <param name="Since">The latest drift of the same monitor after the first event of the version; null if there was none, or if <paramref name="Before"/> is
/// null.</param>
internal sealed record VersionEffect(string Version, bool IsDeployed, IReadOnlyDictionary<string, double> Metrics, DriftReading? Before, DriftReading? Since);

/// <summary>A drift that a monitor reported.</summary>
internal sealed record DriftReading(string Monitor, double Coefficient, DateTimeOffset At, string EventKey)
{
    /// <summary>Reads an event; null if it reports no drift.</summary>
    public static DriftReading? From(StoredEvent stored) =>
        stored.Type == EventTypes.DatasetDriftDetected && DataOf(stored) is var data
        && JsonText.Text(data, "dataDriftName") is { Length: > 0 } monitor
        && JsonText.TryMember(data, "driftCoefficient", out var coefficient) && coefficient.ValueKind == JsonValueKind.Number
            ? new(monitor, coefficient.GetDouble(), stored.Time, stored.Key)
            : null;

    /// <summary>The data of a stored event.</summary>
    public static JsonElement DataOf(StoredEvent stored)
    {
        using var document = JsonDocument.Parse(stored.Envelope, JsonLimits.Document);
        return JsonText.TryMember(document.RootElement, "data", out var data) ? data.Clone() : default;
    }
}
