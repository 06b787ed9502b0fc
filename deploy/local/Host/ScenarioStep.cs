using System.Text.Json.Nodes;

using MLEvents.Local.Simulator.Client;

namespace MLEvents.Local.Host;

/// <summary>A step of a scenario and its entry in the simulator's timeline.</summary>
/// <param name="Name">The name that the user reads.</param>
/// <param name="Kind">The kind of the timeline entry.</param>
/// <param name="Mentions">Text that the detail of the entry contains; null for any detail.</param>
/// <param name="After">The step that must happen before; null for none.</param>
/// <param name="BeginsChain">Whether the chain begins with this step: its first entry has no correlation id yet.</param>
/// <param name="Share">The share of the traffic that a deployment has in the detail of the entry; null for any detail.</param>
/// <param name="InAnyChain">Whether the entry can belong to another chain: an endpoint belongs to the chain that created it.</param>
/// <param name="Subject">What the subject of the entry begins with; null for any subject.</param>
internal sealed record ScenarioStep(string Name, string Kind, string? Mentions = null, string? After = null, bool BeginsChain = false, int? Share = null, bool InAnyChain = false, string? Subject = null)
{
    /// <summary>The steps of the loop, in the order in which they usually happen.</summary>
    public static IReadOnlyList<ScenarioStep> Loop { get; } =
    [
        new("drift detected", "drift.detected", BeginsChain: true),
        new("alert mailed", "mail.received"),
        new("job submitted", "job.NotStarted"),
        new("run completed", "job.Completed"),
        new("model registered", "model.registered"),
        new("endpoint and deployment created", "deployment.succeeded"),
        new("traffic moved", "endpoint.succeeded", "100"),
        new("model deployed", "model.deployed"),
        new("people notified", "mail.received", After: "model deployed"),
    ];

    /// <summary>Whether an entry shows this step of this chain.</summary>
    public bool Fits(TimelineEntry entry, string correlation, IEnumerable<string> seen) =>
        entry.Kind == Kind
        && (InAnyChain || entry.Correlation == (BeginsChain ? null : correlation))
        && (Share is null || HasShare(entry.Detail, Share.Value))
        && (Mentions is null || entry.Detail?.Contains(Mentions, StringComparison.Ordinal) == true)
        && (Subject is null || entry.Subject.StartsWith(Subject, StringComparison.Ordinal))
        && (After is null || seen.Contains(After));

    private static bool HasShare(string? traffic, int share) =>
        traffic?.StartsWith('{') == true && JsonNode.Parse(traffic) is JsonObject shares && shares.Any(one => one.Value is JsonValue value && value.TryGetValue<int>(out var percent) && percent == share);
}
