namespace MLEvents.Local.Host;

/// <summary>A step of the loop and how the simulator's timeline shows it.</summary>
/// <param name="Name">What the user reads.</param>
/// <param name="Kind">The kind of the timeline's entry.</param>
/// <param name="Mentions">What the entry's detail mentions; null for anything.</param>
/// <param name="After">The step that must have been seen before; null for none.</param>
/// <param name="BeginsChain">Whether the chain begins here: the entry that begins one does not name it yet.</param>
internal sealed record ScenarioStep(string Name, string Kind, string? Mentions = null, string? After = null, bool BeginsChain = false)
{
    /// <summary>The steps, in the order in which they usually happen.</summary>
    public static IReadOnlyList<ScenarioStep> All { get; } =
    [
        new("drift detected", "drift.detected", BeginsChain: true),
        new("alert mailed", "mail.received"),
        new("job submitted", "job.NotStarted"),
        new("run completed", "job.Completed"),
        new("model registered", "model.registered"),
        new("endpoint and deployment created", "deployment.succeeded"),
        new("traffic moved", "endpoint.succeeded", "100"),
        new("model deployed", "model.deployed"),
        new("people told", "mail.received", After: "model deployed"),
    ];

    /// <summary>Whether an entry shows this step of this chain.</summary>
    public bool Fits(TimelineEntry happening, string correlation, IEnumerable<string> seen) =>
        happening.Kind == Kind
        && happening.Correlation == (BeginsChain ? null : correlation)
        && (Mentions is null || happening.Detail?.Contains(Mentions, StringComparison.Ordinal) == true)
        && (After is null || seen.Contains(After));
}
