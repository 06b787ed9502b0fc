using Azure.Core;

namespace MLEvents.AzureML;

/// <summary>Deployments of an online endpoint (the <c>OnlineDeployments_*</c> operations). Writes are only begun: poll <see cref="GetAsync"/>.</summary>
public interface IOnlineDeployments
{
    /// <summary>Reads a deployment, with the error of its last change when that failed; <see langword="null"/> when there is none.</summary>
    /// <exception cref="AzureException">Azure refused the call, or could not be reached.</exception>
    Task<OnlineDeployment?> GetAsync(ResourceIdentifier workspace, string endpoint, string name, CancellationToken cancellationToken);

    /// <summary>Reads all deployments of an endpoint, page by page; empty when there is no such endpoint. Errors of failed deployments are not looked up.</summary>
    /// <exception cref="AzureException">Azure refused the call, or could not be reached.</exception>
    Task<IReadOnlyList<OnlineDeployment>> ListAsync(ResourceIdentifier workspace, string endpoint, CancellationToken cancellationToken);

    /// <summary>Begins to make or change a deployment and does not wait (it takes minutes). Repeating it with the same content is harmless.</summary>
    /// <exception cref="AzureException">Azure refused the call, or could not be reached.</exception>
    Task BeginCreateOrUpdateAsync(ResourceIdentifier workspace, string endpoint, string name, OnlineDeploymentSpec spec, CancellationToken cancellationToken);

    /// <summary>Begins to take a deployment away and does not wait; one that is gone already is no error. It must have no traffic.</summary>
    /// <exception cref="AzureException">Azure refused the call, or could not be reached.</exception>
    Task DeleteAsync(ResourceIdentifier workspace, string endpoint, string name, CancellationToken cancellationToken);

    /// <summary>Reads the last lines of a container's log, which tell why a deployment failed.</summary>
    /// <param name="workspace">ARM id of the workspace.</param>
    /// <param name="endpoint">The endpoint.</param>
    /// <param name="name">The deployment.</param>
    /// <param name="container">One of <see cref="DeploymentContainer"/>.</param>
    /// <param name="tail">How many lines, at least 1.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <exception cref="AzureException">Azure refused the call, or could not be reached.</exception>
    Task<string> GetLogsAsync(ResourceIdentifier workspace, string endpoint, string name, string container, int tail, CancellationToken cancellationToken);
}
