using System.Text.Json.Nodes;

using Azure.Core;

using MLEvents.AzureML.Errors;

namespace MLEvents.AzureML.BatchEndpoints;

/// <summary>Batch endpoints of a workspace.</summary>
public interface IBatchEndpoints
{
    /// <summary>
    /// Invokes an endpoint and returns the name of the job that it creates. Azure documents no idempotency key, and a second call can create a second job. The call is therefore
    /// repeated only after an answer that says that nothing was done (429, or 503 with Retry-After). After any other failure, search for the job before the next call.
    /// </summary>
    /// <param name="workspace">ARM id of the workspace.</param>
    /// <param name="endpoint">The endpoint. The request goes to its scoring address if the settings allow the host.</param>
    /// <param name="deployment">The deployment that creates the job; <see langword="null"/> for the endpoint's default deployment.</param>
    /// <param name="properties">The <c>properties</c> of the invocation: <c>InputData</c>, <c>OutputData</c> and the properties of the job. The call does not change the object.</param>
    /// <param name="cancellationToken">Cancels the operation. The job may have been created.</param>
    /// <exception cref="ArgumentException">The id is not that of a workspace, or a name is not valid for an endpoint or a deployment.</exception>
    /// <exception cref="AzureException">
    /// The endpoint does not exist (404), it has no scoring address or no default deployment, its host is not allowed (<see cref="AzureException.NotAllowedCode"/>), or Azure refused the
    /// call, was not reachable or did not answer. Unless <see cref="AzureException.Status"/> shows that nothing was done, the job may have been created.
    /// </exception>
    Task<string> InvokeAsync(ResourceIdentifier workspace, string endpoint, string? deployment, JsonObject properties, CancellationToken cancellationToken);
}
