using System.Text.Json.Nodes;

using Azure.Core;

using MLEvents.AzureML.Errors;

namespace MLEvents.AzureML.Endpoints;

/// <summary>Managed online endpoints (the <c>OnlineEndpoints_*</c> operations). Writes are only begun: poll <see cref="GetAsync"/> until <see cref="ProvisioningState.IsTerminal"/>.</summary>
public interface IOnlineEndpoints
{
    /// <summary>Reads an endpoint; <see langword="null"/> when there is none.</summary>
    /// <exception cref="AzureException">Azure refused the call, or could not be reached.</exception>
    Task<OnlineEndpoint?> GetAsync(ResourceIdentifier workspace, string name, CancellationToken cancellationToken);

    /// <summary>Begins to make or change an endpoint and does not wait. Repeating it with the same content is harmless.</summary>
    /// <exception cref="AzureException">Azure refused the call, or could not be reached.</exception>
    Task BeginCreateOrUpdateAsync(ResourceIdentifier workspace, string name, OnlineEndpointSpec spec, CancellationToken cancellationToken);

    /// <summary>Begins to shift traffic: reads the endpoint and puts all of it back with other percentages, for Azure ML takes traffic no other way. Guarded by the endpoint's ETag when it has one.</summary>
    /// <param name="workspace">ARM id of the workspace.</param>
    /// <param name="name">The endpoint.</param>
    /// <param name="traffic">Deployment name to percentage, each 0-100, together 100 or 0.</param>
    /// <param name="cancellationToken">Stops waiting; the shift may have begun all the same.</param>
    /// <exception cref="ArgumentException">The percentages don't fit.</exception>
    /// <exception cref="AzureException">Azure refused the call (404: no such endpoint), or could not be reached.</exception>
    Task BeginSetTrafficAsync(ResourceIdentifier workspace, string name, IReadOnlyDictionary<string, int> traffic, CancellationToken cancellationToken);

    /// <summary>Begins to shift traffic and to mirror traffic in one update, as <see cref="BeginSetTrafficAsync(ResourceIdentifier, string, IReadOnlyDictionary{string, int}, CancellationToken)"/> does for traffic alone.</summary>
    /// <param name="workspace">ARM id of the workspace.</param>
    /// <param name="name">The endpoint.</param>
    /// <param name="traffic">Deployment name to percentage, each 0-100, together 100 or 0.</param>
    /// <param name="mirror">The deployment that receives copies of the requests, with their percentage, 0-50; empty to mirror nothing. Azure mirrors to one deployment, which must have no traffic.</param>
    /// <param name="cancellationToken">Stops waiting; the update may have begun all the same.</param>
    /// <exception cref="ArgumentException">The percentages don't fit.</exception>
    /// <exception cref="AzureException">Azure refused the call (404: no such endpoint), or could not be reached.</exception>
    Task BeginSetTrafficAsync(
        ResourceIdentifier workspace, string name, IReadOnlyDictionary<string, int> traffic, IReadOnlyDictionary<string, int> mirror, CancellationToken cancellationToken);
}

/// <summary>An online endpoint as Azure Machine Learning reports it.</summary>
/// <param name="Name">The endpoint's name.</param>
/// <param name="ProvisioningState">One of <see cref="Endpoints.ProvisioningState"/>.</param>
/// <param name="Location">Azure region; deployments must be in the same.</param>
/// <param name="AuthMode"><c>Key</c>, <c>AMLToken</c> or <c>AADToken</c>.</param>
/// <param name="Traffic">Deployment name to percentage of the calls, possibly empty.</param>
/// <param name="ScoringUri">Where the endpoint is called; <see langword="null"/> until it is made.</param>
/// <param name="Tags">The endpoint's tags, possibly empty.</param>
/// <param name="Raw">The whole resource, unknown members included.</param>
public sealed record OnlineEndpoint(
    string Name,
    string ProvisioningState,
    string Location,
    string AuthMode,
    IReadOnlyDictionary<string, int> Traffic,
    Uri? ScoringUri,
    IReadOnlyDictionary<string, string> Tags,
    JsonObject Raw)
{
    /// <summary>Deployment name to the percentage of requests that are copied to it; empty when nothing is mirrored.</summary>
    public IReadOnlyDictionary<string, int> MirrorTraffic { get; init; } = new Dictionary<string, int>();
}

/// <summary>What an online endpoint shall be.</summary>
/// <param name="Location">Azure region, for example <c>westeurope</c>.</param>
/// <param name="AuthMode">How callers prove themselves: <c>Key</c> (default), <c>AMLToken</c> or <c>AADToken</c>.</param>
/// <param name="Tags">Tags of the endpoint; none by default.</param>
/// <param name="Description">Text for people; none by default.</param>
/// <param name="ComputeId">ARM id of the Kubernetes cluster of a new endpoint; a managed endpoint by default.</param>
/// <param name="Identities">ARM ids of the user-assigned identities of a new endpoint; its own, system-assigned one by default.</param>
public sealed record OnlineEndpointSpec(
    string Location,
    string AuthMode = "Key",
    IReadOnlyDictionary<string, string>? Tags = null,
    string? Description = null,
    string? ComputeId = null,
    IReadOnlyList<string>? Identities = null);
