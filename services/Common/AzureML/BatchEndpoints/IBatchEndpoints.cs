using System.Text.Json.Nodes;

using Azure.Core;

using MLEvents.AzureML.Errors;

namespace MLEvents.AzureML.BatchEndpoints;

/// <summary>Batch endpoints of a workspace.</summary>
public interface IBatchEndpoints
{
    /// <summary>
    /// Invokes an endpoint and returns the name of the job that it creates. Azure documents no idempotency key: a second call can create a second job. So the call is
    /// repeated inside only after an answer that says nothing was done (429, or 503 with Retry-After). When it failed in another way, look for the job before calling again.
    /// </summary>
    /// <param name="workspace">ARM id of the workspace.</param>
    /// <param name="endpoint">The endpoint. Its own scoring address is called, and only when its host is allowed.</param>
    /// <param name="deployment">The deployment that creates the job; <see langword="null"/> for the endpoint's default deployment.</param>
    /// <param name="properties">The <c>properties</c> of the invocation: <c>InputData</c>, <c>OutputData</c> and the properties of the job. Not changed.</param>
    /// <param name="cancellationToken">Stops waiting; the job may have been created all the same.</param>
    /// <exception cref="ArgumentException">A name or the id can't be those of a workspace, an endpoint or a deployment.</exception>
    /// <exception cref="AzureException">
    /// There is no such endpoint (404), it has no scoring address or no default deployment, its host is not allowed (<see cref="AzureException.NotAllowedCode"/>), Azure refused the
    /// call, or could not be reached, or did not answer; the job may have been created unless <see cref="AzureException.Status"/> says otherwise.
    /// </exception>
    Task<string> InvokeAsync(ResourceIdentifier workspace, string endpoint, string? deployment, JsonObject properties, CancellationToken cancellationToken);
}
