using System.Text.Json.Nodes;

namespace MLEvents.Local.Verify;

/// <summary>How often each action had each effect, as the simulator counts: 1 is right, more is doubled.</summary>
/// <param name="Mails">Mails by action.</param>
/// <param name="Jobs">Jobs by action.</param>
/// <param name="FactoryRuns">Data Factory runs by action.</param>
/// <param name="Deployments">Deployments by action.</param>
internal sealed record OutcomeCounts(
    IReadOnlyDictionary<string, int> Mails, IReadOnlyDictionary<string, int> Jobs, IReadOnlyDictionary<string, int> FactoryRuns, IReadOnlyDictionary<string, int> Deployments)
{
    /// <summary>Reads the answer of <c>GET /counts</c>.</summary>
    /// <exception cref="InvalidOperationException">The simulator dropped mails, so that its count is too low.</exception>
    public static OutcomeCounts Read(JsonNode counts) => (int?)counts["mailsDropped"] is > 0 ? throw new InvalidOperationException("The simulator's inbox is too small for so many mails.") : new(
        ByAction(counts["mailsByAction"]), ByAction(counts["jobsByAction"]), ByAction(counts["factoryRunsByAction"]), ByAction(counts["deploymentsByAction"]));

    /// <summary>Whether everything that is expected has been made at least once.</summary>
    public bool Reach(Expectation expected) =>
        Mails.Count >= expected.Mails && Jobs.Count >= expected.Jobs && FactoryRuns.Count >= expected.FactoryRuns && Deployments.Count >= expected.Deployments;

    /// <summary>Everything together, to see whether anything still moves.</summary>
    public int Total => Mails.Values.Sum() + Jobs.Values.Sum() + FactoryRuns.Values.Sum() + Deployments.Values.Sum();

    private static Dictionary<string, int> ByAction(JsonNode? list) =>
        (list?.AsArray() ?? []).OfType<JsonObject>().ToDictionary(one => (string?)one["action"] ?? "", one => one["names"]?.AsArray().Count ?? (int?)one["count"] ?? 0);
}
