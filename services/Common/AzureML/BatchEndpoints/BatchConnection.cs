using System.Text.Json.Nodes;

using Azure.Core;

using Microsoft.Extensions.Options;

using MLEvents.AzureML.Connection;
using MLEvents.AzureML.Scoring;

namespace MLEvents.AzureML.BatchEndpoints;

/// <summary>
/// Sends requests to batch endpoints, with a token for Azure Machine Learning: batch endpoints accept no keys.
/// Callers must check addresses with <see cref="ScoringHosts"/> first, because the request contains the token.
/// </summary>
internal sealed class BatchConnection(IOptions<AzureMLOptions> options) : IDisposable
{
    private readonly DataPlane _azure = new(options.Value, CloudAddresses.For(options.Value.Cloud).ScoringAudience);

    /// <summary>Sends one request.</summary>
    /// <param name="address">The scoring address of the endpoint.</param>
    /// <param name="deployment">The deployment; null for the default one.</param>
    /// <param name="body">The invocation.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    public Task<ArmAnswer> PostAsync(Uri address, string? deployment, JsonObject body, CancellationToken cancellationToken) => _azure.SendAsync(
        RequestMethod.Post,
        address,
        request =>
        {
            request.Headers.Add(HttpHeader.Common.JsonContentType);
            request.Content = RequestContent.Create(BinaryData.FromString(body.ToJsonString()));
            if (deployment is not null)
            {
                request.Headers.Add(OnlineScoring.DeploymentHeader, deployment);
            }
        },
        cancellationToken);

    public void Dispose() => _azure.Dispose();
}
