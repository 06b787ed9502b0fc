using MLEvents.Dashboard.History;
using MLEvents.Events;

namespace MLEvents.Dashboard.Models;

/// <summary>Reads the versions and endpoints of a model from its events.</summary>
internal static class ModelEvents
{
    /// <summary>
    /// Groups events by version, the newest version first. The first event of each version decides the order, because an older version can have later events, for instance a new deployment.
    /// </summary>
    public static IReadOnlyList<IGrouping<string, StoredEvent>> ByVersion(IEnumerable<StoredEvent> events) =>
        [.. events.GroupBy(stored => stored.ModelVersion).OrderByDescending(version => version.Min(stored => stored.Time))];

    /// <summary>Returns the endpoints to which versions were deployed.</summary>
    public static IReadOnlyList<ModelEndpoint> Endpoints(IEnumerable<StoredEvent> events) =>
        [.. events.Where(stored => stored.Type == EventTypes.ModelDeployed).Select(EndpointOf).OfType<ModelEndpoint>().Distinct()];

    private static ModelEndpoint? EndpointOf(StoredEvent stored) =>
        JsonText.Text(DriftReading.DataOf(stored), "serviceName") is { Length: > 0 } endpoint ? new(stored.Source, endpoint) : null;
}

/// <summary>An endpoint that serves or served a model.</summary>
/// <param name="Workspace">ARM id of the workspace.</param>
/// <param name="Name">The endpoint's name.</param>
internal sealed record ModelEndpoint(string Workspace, string Name)
{
    /// <summary>Whether both values name the same endpoint. Azure ignores the letter case of names.</summary>
    public bool Equals(ModelEndpoint? other) =>
        other is not null && string.Equals(Workspace, other.Workspace, StringComparison.OrdinalIgnoreCase) && string.Equals(Name, other.Name, StringComparison.OrdinalIgnoreCase);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(StringComparer.OrdinalIgnoreCase.GetHashCode(Workspace), StringComparer.OrdinalIgnoreCase.GetHashCode(Name));
}
