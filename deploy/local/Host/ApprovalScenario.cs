using System.Text.Json.Nodes;

using MLEvents.Local.Simulator.Client;

namespace MLEvents.Local.Host;

/// <summary>A roll-out that waits for an approval before its deployment gets traffic.</summary>
internal static class ApprovalScenario
{
    /// <summary>The folder of the rules, below the sample rules.</summary>
    public const string RulesFolder = "scenarios/approval";

    /// <summary>The name of the step at which a person decides.</summary>
    public const string Requested = "approval requested";

    private const string CorrelationTag = "mlevents.correlation";

    /// <summary>The time limit for all steps together if a person decides.</summary>
    public static TimeSpan LimitWithPeople { get; } = TimeSpan.FromMinutes(30);

    /// <summary>The steps.</summary>
    public static IReadOnlyList<ScenarioStep> Steps { get; } =
    [
        new("model registered", "model.registered"),
        new("endpoint and deployment created", "deployment.succeeded"),
        new(Requested, "mail.received", Subject: "Approval needed"),
        new("traffic moved", "endpoint.succeeded", After: Requested, Share: 100, InAnyChain: true),
        new("model deployed", "model.deployed", After: Requested),
        new("people notified", "mail.received", After: "model deployed", Subject: "Model deployed"),
    ];

    /// <summary>Registers a model version.</summary>
    /// <returns>The correlation id of its chain.</returns>
    public static async Task<string> StartAsync(SimulatorClient simulator, CancellationToken cancellationToken)
    {
        var correlation = $"approval-{Guid.NewGuid():N}";
        await simulator.SimulateAsync("model", new JsonObject { ["name"] = "churn", ["tags"] = new JsonObject { [CorrelationTag] = correlation } }, cancellationToken);
        return correlation;
    }
}
