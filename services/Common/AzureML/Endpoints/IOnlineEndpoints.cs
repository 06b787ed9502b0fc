using Azure.Core;

namespace MLEvents.AzureML;

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
}
