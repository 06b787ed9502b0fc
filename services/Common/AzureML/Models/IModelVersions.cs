using Azure.Core;

namespace MLEvents.AzureML;

/// <summary>Versions of registered models (the <c>ModelVersions_*</c> operations).</summary>
public interface IModelVersions
{
    /// <summary>Reads one version; <see langword="null"/> when there is none.</summary>
    /// <exception cref="AzureException">Azure refused the call, or could not be reached.</exception>
    Task<ModelVersion?> GetAsync(ResourceIdentifier workspace, string name, string version, CancellationToken cancellationToken);

    /// <summary>Reads all versions of a model, page by page, in the order of the service; empty when there is no such model.</summary>
    /// <exception cref="AzureException">Azure refused the call, or could not be reached.</exception>
    Task<IReadOnlyList<ModelVersion>> ListAsync(ResourceIdentifier workspace, string name, CancellationToken cancellationToken);
}
