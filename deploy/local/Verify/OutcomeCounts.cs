using System.Text.Json.Nodes;

namespace MLEvents.Local.Verify;

/// <summary>The number of results of each action, counted by the simulator. The correct number is 1; further results are duplicates.</summary>
/// <param name="Mails">Mails by action.</param>
/// <param name="Jobs">Jobs by action.</param>
/// <param name="FactoryRuns">Data Factory runs by action.</param>
/// <param name="Deployments">Deployments by action.</param>
internal sealed record OutcomeCounts(
    IReadOnlyDictionary<string, int> Mails, IReadOnlyDictionary<string, int> Jobs, IReadOnlyDictionary<string, int> FactoryRuns, IReadOnlyDictionary<string, int> Deployments)
{
    /// <summary>Reads the response of <c>GET /counts</c>.</summary>
    /// <exception cref="InvalidOperationException">The simulator dropped mails, so its count is too low.</exception>
    public static OutcomeCounts Read(JsonNode counts) => (int?)counts["mailsDropped"] is > 0 ? throw new InvalidOperationException("The simulator dropped mails because its inbox is full, so mails cannot be counted. Use fewer --events.") : new(
        ByAction(counts["mailsByAction"]), ByAction(counts["jobsByAction"]), ByAction(counts["factoryRunsByAction"]), ByAction(counts["deploymentsByAction"]));

    /// <summary>Whether every expected action was carried out at least once.</summary>
    public bool HasReached(Expectation expected) =>
        Mails.Count >= expected.Mails && Jobs.Count >= expected.Jobs && FactoryRuns.Count >= expected.FactoryRuns && Deployments.Count >= expected.Deployments;

    /// <summary>The total of all kinds; it is stable when no more actions follow.</summary>
    public int Total => Mails.Values.Sum() + Jobs.Values.Sum() + FactoryRuns.Values.Sum() + Deployments.Values.Sum();

    private static Dictionary<string, int> ByAction(JsonNode? list) =>
        (list?.AsArray() ?? []).OfType<JsonObject>().ToDictionary(one => (string?)one["action"] ?? "", one => one["names"]?.AsArray().Count ?? (int?)one["count"] ?? 0);
}
