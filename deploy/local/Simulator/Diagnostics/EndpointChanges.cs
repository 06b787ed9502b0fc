using System.Globalization;
using System.Text.Json.Nodes;

using MLEvents.Local.Simulator.Primitives;
using MLEvents.Local.Simulator.Storage;

namespace MLEvents.Local.Simulator.Diagnostics;

/// <summary>A change of an online endpoint.</summary>
/// <param name="Number">The number of the change, starting at 1.</param>
/// <param name="Time">The time of the change.</param>
/// <param name="Kind"><c>traffic</c>, <c>created</c> or <c>deleted</c>.</param>
/// <param name="Endpoint">The endpoint's name.</param>
/// <param name="Deployment">The deployment that was created or deleted; null for traffic.</param>
/// <param name="Model">The model of the deployment, as <c>name:version</c>; null for traffic.</param>
/// <param name="Traffic">The traffic of the endpoint after the change.</param>
internal sealed record EndpointChange(long Number, DateTimeOffset Time, string Kind, string Endpoint, string? Deployment, string? Model, JsonObject Traffic);

/// <summary>Records the changes of the traffic and of the deployments of endpoints, in order. Unlike the entries of the timeline, the changes are restored after a restart.</summary>
internal sealed class EndpointChanges(Journal journal, TimeProvider time)
{
    private const string Kind = "endpoint-change";
    private const int MaxChanges = 20_000;
    private readonly List<EndpointChange> _changes = [.. journal.Restored<EndpointChange>(Kind).OrderBy(change => change.Number)];

    /// <summary>Adds a change of the traffic. Traffic that equals the previous traffic is not added.</summary>
    public void SetTraffic(string endpoint, JsonObject traffic) => journal.Commit(() =>
    {
        var before = _changes.FindLast(change => change.Endpoint.Equals(endpoint, StringComparison.OrdinalIgnoreCase))?.Traffic ?? [];
        if (!JsonNode.DeepEquals(before.Normalized(), traffic.Normalized()))
        {
            Add("traffic", endpoint, null, null, traffic);
        }
    });

    /// <summary>Adds a deployment whose creation has started.</summary>
    public void AddDeployment(string endpoint, string deployment, string? model, JsonObject traffic) => Add("created", endpoint, deployment, model, traffic);

    /// <summary>Adds a deployment that was deleted.</summary>
    public void DeleteDeployment(string endpoint, string deployment, string? model, JsonObject traffic) => Add("deleted", endpoint, deployment, model, traffic);

    /// <summary>The last 20,000 changes, oldest first.</summary>
    public IReadOnlyList<EndpointChange> List()
    {
        lock (journal.Gate)
        {
            return [.. _changes];
        }
    }

    private void Add(string kind, string endpoint, string? deployment, string? model, JsonObject traffic) => journal.Commit(() =>
    {
        var change = new EndpointChange((_changes.Count == 0 ? 0 : _changes[^1].Number) + 1, time.GetUtcNow(), kind, endpoint, deployment, model, traffic.Copy());
        _changes.Add(change);
        journal.Put(Kind, Id(change), change);
        if (_changes.Count > MaxChanges)
        {
            journal.Remove(Kind, Id(_changes[0]));
            _changes.RemoveAt(0);
        }
    });

    private static string Id(EndpointChange change) => change.Number.ToString(CultureInfo.InvariantCulture);
}
