using System.Text.Json;
using System.Text.Json.Nodes;

using MLEvents.Local.Simulator.Arm;
using MLEvents.Local.Simulator.MachineLearning;
using MLEvents.Local.Simulator.Primitives;
using MLEvents.Local.Simulator.Storage;

namespace MLEvents.Local.Simulator.Scoring;

/// <summary>
/// The behavior of each deployment. The first of these that exists applies: the behavior that was set for <c>endpoint/deployment</c>; the behavior that was set for the model,
/// as <c>name:version</c> or as <c>name</c>; the properties <c>simulator.…</c> of the model version; the default.
/// </summary>
internal sealed class ScoringBehaviors(Journal journal, ResourceStore store)
{
    private const string Kind = "scoring-behavior";
    private const string Prefix = BehaviorProperties.Prefix;
    private const string MetricPrefix = Prefix + BehaviorProperties.Metrics;
    private readonly Dictionary<string, ScoringBehavior> _set = journal.Restored<StoredBehavior>(Kind).ToDictionary(found => found.Target, found => found.ToBehavior(), StringComparer.OrdinalIgnoreCase);

    /// <summary>All behaviors that were set, by target.</summary>
    public IReadOnlyDictionary<string, ScoringBehavior> List()
    {
        lock (journal.Gate)
        {
            return new Dictionary<string, ScoringBehavior>(_set, StringComparer.OrdinalIgnoreCase);
        }
    }

    /// <summary>Sets the behavior of a deployment or model.</summary>
    public void Set(string target, ScoringBehavior behavior) => journal.Commit(() =>
    {
        _set[target] = behavior;
        journal.Put(Kind, target.ToUpperInvariant(), new StoredBehavior(target, behavior));
    });

    /// <summary>Removes all behaviors that were set.</summary>
    public void Clear() => journal.Commit(() =>
    {
        foreach (var target in _set.Keys)
        {
            journal.Remove(Kind, target.ToUpperInvariant());
        }

        _set.Clear();
    });

    /// <summary>The behavior of a deployment.</summary>
    public ScoringBehavior Find(JsonObject deployment)
    {
        var id = deployment.Text("id") ?? "";
        var model = ModelReference.Parse(deployment.Text("properties", "model"));
        var targets = new[] { DeploymentTarget(id), model?.ToString(), model?.Name }.OfType<string>();
        lock (journal.Gate)
        {
            var found = targets.Select(target => _set.GetValueOrDefault(target)).FirstOrDefault(behavior => behavior is not null);
            return found ?? (model is null ? ScoringBehavior.Default : FromProperties(store.Get(model.IdFor(id)).Map("properties", "properties")));
        }
    }

    /// <summary>The target of a deployment, <c>endpoint/deployment</c>.</summary>
    public static string DeploymentTarget(string id) => id.Split('/') is [.., var endpoint, _, var name] ? $"{endpoint}/{name}" : id;

    private static ScoringBehavior FromProperties(JsonObject properties)
    {
        var standard = ScoringBehavior.Default;
        return new ScoringBehavior(
            properties.Text(Prefix + "answer") is { } answer ? Parse(answer) : null,
            Durations.TryParse(properties.Text(Prefix + "latency"), out var latency) ? latency : standard.Latency,
            Number(properties, "failureRate", standard.FailureRate),
            (int)Number(properties, "failureStatus", standard.FailureStatus),
            (int)Number(properties, "fromTraffic", standard.FromTraffic),
            properties.Text(Prefix + "noMetrics") == "true",
            properties
                .Where(property => property.Key.StartsWith(MetricPrefix, StringComparison.Ordinal))
                .DistinctBy(property => property.Key, StringComparer.OrdinalIgnoreCase)
                .ToDictionary(property => property.Key[MetricPrefix.Length..], property => Number(properties, property.Key[Prefix.Length..], 0), StringComparer.OrdinalIgnoreCase));
    }

    private static double Number(JsonObject properties, string name, double fallback) =>
        BehaviorProperties.TryNumber(properties.Text(Prefix + name), out var number) ? number : fallback;

    private static JsonNode? Parse(string answer)
    {
        try
        {
            return JsonNode.Parse(answer);
        }
        catch (JsonException)
        {
            // The property is not JSON, so its text is the answer.
            return JsonValue.Create(answer);
        }
    }

    internal sealed record StoredBehavior(string Target, ScoringBehavior Behavior)
    {
        // The letter case of metric names is ignored. The comparer is set again, because JSON does not store it.
        public ScoringBehavior ToBehavior() => Behavior with { Metrics = new Dictionary<string, double>(Behavior.Metrics, StringComparer.OrdinalIgnoreCase) };
    }
}
