using System.Text.Json.Nodes;

using Azure.Core;

using MLEvents.AzureML.Errors;

namespace MLEvents.AzureML.Endpoints;

/// <summary>Online endpoints (the <c>OnlineEndpoints_*</c> operations). Writes do not wait for the end of the change: poll <see cref="GetAsync"/> until <see cref="ProvisioningState.IsTerminal"/>.</summary>
public interface IOnlineEndpoints
{
    /// <summary>Reads an endpoint; <see langword="null"/> if it does not exist.</summary>
    /// <exception cref="AzureException">Azure refused the call or was not reachable.</exception>
    Task<OnlineEndpoint?> GetAsync(ResourceIdentifier workspace, string name, CancellationToken cancellationToken);

    /// <summary>Starts to create or update an endpoint and does not wait for the end. A repetition with the same content changes nothing.</summary>
    /// <exception cref="AzureException">Azure refused the call or was not reachable.</exception>
    Task BeginCreateOrUpdateAsync(ResourceIdentifier workspace, string name, OnlineEndpointSpec spec, CancellationToken cancellationToken);

    /// <summary>
    /// Starts to change the traffic. The method reads the endpoint and sends the whole endpoint with the new percentages, because Azure ML has no other operation for traffic.
    /// If the endpoint has an ETag, the update is conditional on it.
    /// </summary>
    /// <param name="workspace">ARM id of the workspace.</param>
    /// <param name="name">The endpoint.</param>
    /// <param name="traffic">The percentage of the requests by deployment name, each 0 to 100, together 100 or 0.</param>
    /// <param name="cancellationToken">Cancels the operation. The change may have started.</param>
    /// <exception cref="ArgumentException">A percentage is out of range, or the sum is not 100 or 0.</exception>
    /// <exception cref="AzureException">Azure refused the call (404: the endpoint does not exist) or was not reachable.</exception>
    Task BeginSetTrafficAsync(ResourceIdentifier workspace, string name, IReadOnlyDictionary<string, int> traffic, CancellationToken cancellationToken);

    /// <summary>Starts to change traffic and mirrored traffic in one update, as <see cref="BeginSetTrafficAsync(ResourceIdentifier, string, IReadOnlyDictionary{string, int}, CancellationToken)"/> does for traffic alone.</summary>
    /// <param name="workspace">ARM id of the workspace.</param>
    /// <param name="name">The endpoint.</param>
    /// <param name="traffic">The percentage of the requests by deployment name, each 0 to 100, together 100 or 0.</param>
    /// <param name="mirror">The deployment that receives copies of the requests, with their percentage, 0-50; empty to mirror nothing. Azure mirrors to one deployment, which must have no traffic.</param>
    /// <param name="cancellationToken">Cancels the operation. The update may have started.</param>
    /// <exception cref="ArgumentException">A percentage is out of range, the sum of the traffic is not 100 or 0, or <paramref name="mirror"/> names several deployments or copies requests to a deployment that has traffic.</exception>
    /// <exception cref="AzureException">Azure refused the call (404: the endpoint does not exist) or was not reachable.</exception>
    Task BeginSetTrafficAsync(
        ResourceIdentifier workspace, string name, IReadOnlyDictionary<string, int> traffic, IReadOnlyDictionary<string, int> mirror, CancellationToken cancellationToken);
}

/// <summary>An online endpoint as Azure Machine Learning reports it.</summary>
/// <param name="Name">The endpoint's name.</param>
/// <param name="ProvisioningState">One of <see cref="Endpoints.ProvisioningState"/>.</param>
/// <param name="Location">The Azure region. Deployments must be in the same region.</param>
/// <param name="AuthMode"><c>Key</c>, <c>AMLToken</c> or <c>AADToken</c>.</param>
/// <param name="Traffic">The percentage of the requests by deployment name, possibly empty.</param>
/// <param name="ScoringUri">The address for scoring requests; <see langword="null"/> until the endpoint is created.</param>
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
    /// <summary>The percentage of the requests that are copied to a deployment, by deployment name; empty if no requests are copied.</summary>
    public IReadOnlyDictionary<string, int> MirrorTraffic { get; init; } = new Dictionary<string, int>();
}

/// <summary>The desired state of an online endpoint.</summary>
/// <param name="Location">The Azure region of a new endpoint, for instance <c>westeurope</c>.</param>
/// <param name="AuthMode">How callers authenticate: <c>Key</c> (default), <c>AMLToken</c> or <c>AADToken</c>.</param>
/// <param name="Tags">Tags of the endpoint. By default a new endpoint has none, and an existing endpoint keeps its tags.</param>
/// <param name="Description">A description for people. By default a new endpoint has none, and an existing endpoint keeps its description.</param>
/// <param name="ComputeId">ARM id of the Kubernetes cluster of a new endpoint; a managed endpoint by default.</param>
/// <param name="Identities">ARM ids of the user-assigned identities of a new endpoint; a system-assigned identity by default.</param>
public sealed record OnlineEndpointSpec(
    string Location,
    string AuthMode = "Key",
    IReadOnlyDictionary<string, string>? Tags = null,
    string? Description = null,
    string? ComputeId = null,
    IReadOnlyList<string>? Identities = null);
