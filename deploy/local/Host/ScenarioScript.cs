namespace MLEvents.Local.Host;

/// <summary>A scenario that the host can play.</summary>
/// <param name="Name">Its name on the command line.</param>
/// <param name="Description">What it shows, for people.</param>
/// <param name="Steps">The steps that must be seen.</param>
/// <param name="Deployments">The file below <c>strategies</c> of the rules folder that replaces <c>deployments.yaml</c>; null to leave the rules as they are.</param>
internal sealed record ScenarioScript(string Name, string Description, IReadOnlyList<ScenarioStep> Steps, string? Deployments = null)
{
    /// <summary>The step at which a person decides.</summary>
    public const string ApprovalAsked = "approval asked";

    /// <summary>Drift, retraining, roll-out, people notified.</summary>
    public static ScenarioScript Loop { get; } = new("loop", "drift, retraining, roll-out, people notified", ScenarioStep.All);

    /// <summary>The loop with a roll-out that waits for an approval before it gets traffic.</summary>
    public static ScenarioScript Approval { get; } = new(
        "approval",
        "the loop, with a roll-out that waits for an approval before it gets traffic",
        [
            new(ApprovalAsked, "mail.received", Subject: "Approval needed"),
            .. ScenarioStep.All.Select(step => step.Name == "traffic moved" ? step with { After = ApprovalAsked } : step),
        ],
        "approval.yaml");

    /// <summary>All scenarios.</summary>
    public static IReadOnlyList<ScenarioScript> All { get; } = [Loop, Approval];

    /// <summary>The scenario with a name.</summary>
    public static ScenarioScript Find(string name) => All.First(script => script.Name == name);
}
