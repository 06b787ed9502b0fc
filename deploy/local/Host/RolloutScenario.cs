using System.Globalization;
using System.Text.Json.Nodes;

using MLEvents.Local.Simulator.Client;

namespace MLEvents.Local.Host;

/// <summary>Roll-outs with a strategy. A first version is in service and receives requests when the second version is registered.</summary>
internal static class RolloutScenario
{
    /// <summary>The folder of the rules, below the sample rules.</summary>
    public const string RulesFolder = "scenarios/canary";

    private const string Model = "churn";
    private const string Endpoint = "churn-scoring";
    private const string CorrelationTag = "mlevents.correlation";
    private const int RequestsPerMinute = 6000;

    private static readonly TimeSpan MaxWait = TimeSpan.FromSeconds(2);

    private static readonly ScenarioStep[] Begin =
    [
        new("model registered", "model.registered"),
        new("deployment created", "deployment.succeeded"),
        new("10% of the traffic", "endpoint.succeeded", Share: 10, InAnyChain: true),
        new("50% of the traffic", "endpoint.succeeded", After: "10% of the traffic", Share: 50, InAnyChain: true),
    ];

    /// <summary>The time limit until the first version is in service. Also the time limit for all steps together after the second version is registered.</summary>
    public static TimeSpan Limit { get; } = TimeSpan.FromSeconds(120);

    /// <summary>The steps of a model that passes.</summary>
    public static IReadOnlyList<ScenarioStep> CanarySteps { get; } =
    [
        .. Begin,
        new("100% of the traffic", "endpoint.succeeded", After: "50% of the traffic", Share: 100, InAnyChain: true),
        new("earlier deployment deleted", "deployment.deleted", After: "100% of the traffic", InAnyChain: true),
        new("people notified", "mail.received", After: "100% of the traffic"),
    ];

    /// <summary>The steps of a model that fails under load.</summary>
    public static IReadOnlyList<ScenarioStep> BadModelSteps { get; } =
    [
        .. Begin,
        new("traffic restored", "endpoint.succeeded", After: "50% of the traffic", Share: 100, InAnyChain: true),
        new("failed deployment deleted", "deployment.deleted", After: "traffic restored", InAnyChain: true),
        new("alert with the reason", "mail.received", After: "traffic restored"),
    ];

    /// <summary>Registers a second version that is as good as the first one.</summary>
    public static Task<string> StartCanaryAsync(SimulatorClient simulator, CancellationToken stop) => StartAsync(simulator, failureRate: 0, stop);

    /// <summary>Registers a second version that answers correctly at first, and fails a third of the requests when it has at least half of the traffic.</summary>
    public static Task<string> StartBadModelAsync(SimulatorClient simulator, CancellationToken stop) => StartAsync(simulator, failureRate: 0.33, stop);

    private static async Task<string> StartAsync(SimulatorClient simulator, double failureRate, CancellationToken stop)
    {
        var (first, second) = ($"first-{Guid.NewGuid():N}", $"second-{Guid.NewGuid():N}");
        await simulator.SimulateAsync("scoring", new JsonObject { ["target"] = $"{Model}:1", ["answer"] = new JsonArray(0.7), ["latency"] = "20ms" }, stop);
        var changed = new JsonObject { ["target"] = $"{Model}:2", ["answer"] = new JsonArray(0.6), ["latency"] = "25ms", ["failureRate"] = failureRate, ["fromTraffic"] = 50 };
        await simulator.SimulateAsync("scoring", changed, stop);
        await simulator.SimulateAsync("traffic", new JsonObject { ["endpoint"] = Endpoint, ["requestsPerMinute"] = RequestsPerMinute }, stop);
        await RegisterAsync(simulator, 1, first, stop);
        await WaitForFirstAsync(simulator, first, stop);
        await RegisterAsync(simulator, 2, second, stop);
        return second;
    }

    private static Task<JsonObject> RegisterAsync(SimulatorClient simulator, int version, string correlation, CancellationToken stop)
    {
        var tags = new JsonObject { [CorrelationTag] = correlation };
        return simulator.SimulateAsync("model", new JsonObject { ["name"] = Model, ["version"] = version.ToString(CultureInfo.InvariantCulture), ["tags"] = tags }, stop);
    }

    // Waits for the mail about the roll-out of the first version.
    private static async Task WaitForFirstAsync(SimulatorClient simulator, string correlation, CancellationToken stop)
    {
        using var limited = new CancellationTokenSource(Limit, TimeProvider.System);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limited.Token, stop);
        var inService = new ScenarioStep("in service", "mail.received");
        for (var page = await simulator.TimelineAsync(0, MaxWait, either.Token); page.Entries.All(entry => !inService.Fits(entry, correlation, []));)
        {
            page = await simulator.TimelineAsync(page.Last, MaxWait, either.Token);
        }
    }
}
