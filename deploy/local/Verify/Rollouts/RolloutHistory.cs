using System.Globalization;

using MLEvents.Local.Simulator.Client;

namespace MLEvents.Local.Verify.Rollouts;

/// <summary>The changes of one endpoint, with versions instead of the names of deployments.</summary>
/// <param name="Traffic">The traffic after each change, such as <c>1 90%, 2 10%</c>.</param>
/// <param name="Created">The version of each deployment that was created.</param>
/// <param name="Deleted">The version of each deployment that was deleted.</param>
/// <param name="DeletedWithTraffic">The number of deployments that had traffic when they were deleted.</param>
internal sealed record RolloutHistory(IReadOnlyList<string> Traffic, IReadOnlyList<int> Created, IReadOnlyList<int> Deleted, int DeletedWithTraffic)
{
    /// <summary>Reads the history of an endpoint.</summary>
    /// <param name="endpoint">The name of the endpoint.</param>
    /// <param name="changes">The changes of all endpoints, oldest first.</param>
    public static RolloutHistory Read(string endpoint, IEnumerable<EndpointChange> changes)
    {
        var own = changes.Where(change => change.Endpoint == endpoint).ToList();
        var versions = own.Where(change => change.Kind == "created").GroupBy(change => change.Deployment ?? "").ToDictionary(created => created.Key, created => VersionOf(created.First()));
        var deleted = own.Where(change => change.Kind == "deleted").ToList();
        return new(
            [.. own.Where(change => change.Kind == "traffic").Select(change => Describe(change.Traffic, versions))],
            [.. own.Where(change => change.Kind == "created").Select(VersionOf)],
            [.. deleted.Select(VersionOf)],
            deleted.Count(change => change.Traffic.GetValueOrDefault(change.Deployment ?? "") > 0));
    }

    /// <summary>
    /// Counts the expected steps that the traffic took in the expected order, from the first step up to the first missing step. Other traffic between two steps is ignored.
    /// </summary>
    public int CountInOrder(IReadOnlyList<string> steps) => Traffic.Aggregate(0, (taken, seen) => taken < steps.Count && steps[taken] == seen ? taken + 1 : taken);

    private static int VersionOf(EndpointChange change) =>
        int.TryParse(change.Model?.Split(':')[^1], NumberStyles.None, CultureInfo.InvariantCulture, out var version) ? version : 0;

    private static string Describe(IReadOnlyDictionary<string, int> traffic, Dictionary<string, int> versions) => string.Join(", ", traffic
        .Where(share => share.Value > 0)
        .Select(share => (Version: versions.GetValueOrDefault(share.Key), share.Value))
        .OrderBy(share => share.Version)
        .Select(share => string.Create(CultureInfo.InvariantCulture, $"{share.Version} {share.Value}%")));
}
