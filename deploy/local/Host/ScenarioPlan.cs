using MLEvents.Local.Simulator.Client;

namespace MLEvents.Local.Host;

/// <summary>A scenario: its trigger and the steps that must follow.</summary>
/// <param name="Name">The name on the command line.</param>
/// <param name="Steps">The steps, in the order in which they usually happen.</param>
/// <param name="TriggerAsync">Triggers the scenario; the result is the correlation id of its chain.</param>
/// <param name="Limit">The time limit for all steps together.</param>
internal sealed record ScenarioPlan(string Name, IReadOnlyList<ScenarioStep> Steps, Func<SimulatorClient, CancellationToken, Task<string>> TriggerAsync, TimeSpan Limit)
{
    // The monitor of the sample rules, and a drift coefficient above their threshold.
    private const string Monitor = "churn-drift";
    private const double Coefficient = 0.74;
    private static readonly TimeSpan ShortLimit = TimeSpan.FromSeconds(60);

    /// <summary>The whole loop: drift, alert, retraining, model, roll-out and notification.</summary>
    public static ScenarioPlan Loop { get; } = new("loop", ScenarioStep.Loop, (simulator, stop) => simulator.DriftAsync(Monitor, Coefficient, stop), ShortLimit);

    /// <summary>A verified model gets 10, 50 and 100 percent of the traffic.</summary>
    public static ScenarioPlan Canary { get; } = new("canary", RolloutScenario.CanarySteps, RolloutScenario.StartCanaryAsync, RolloutScenario.Limit) { RulesFolder = RolloutScenario.RulesFolder };

    /// <summary>A model passes its verification and fails under load: the traffic is restored, and an alert contains the reason.</summary>
    public static ScenarioPlan BadModel { get; } = new("bad-model", RolloutScenario.BadModelSteps, RolloutScenario.StartBadModelAsync, RolloutScenario.Limit) { RulesFolder = RolloutScenario.RulesFolder };

    /// <summary>A roll-out waits for an approval before its deployment gets traffic.</summary>
    public static ScenarioPlan Approval { get; } = new("approval", ApprovalScenario.Steps, ApprovalScenario.StartAsync, ShortLimit)
    {
        RulesFolder = ApprovalScenario.RulesFolder,
        LimitWithPeople = ApprovalScenario.LimitWithPeople,
    };

    /// <summary>Two hundred drift events of two monitors. The limits of the rule allow three trainings.</summary>
    public static ScenarioPlan Storm { get; } = new("drift-storm", [], (_, _) => Task.FromResult(""), DriftStorm.Limit) { RulesFolder = DriftStorm.RulesFolder };

    /// <summary>All scenarios.</summary>
    public static IReadOnlyList<ScenarioPlan> All { get; } = [Loop, Canary, BadModel, Approval, Storm];

    /// <summary>The time limit for all steps together if a person decides during the scenario; null if no person decides.</summary>
    public TimeSpan? LimitWithPeople { get; init; }

    /// <summary>The folder of its rules, below the sample rules; null for the sample rules themselves.</summary>
    public string? RulesFolder { get; init; }
}
