using System.Text.Json.Nodes;

using Azure;
using Azure.Core;
using Azure.Core.Pipeline;
using Azure.ResourceManager;

using Microsoft.Extensions.Options;

using MLEvents.AzureML.Connection;

namespace MLEvents.AzureML.BatchEndpoints;

/// <summary>
/// The way to batch endpoints, with a token of Microsoft Entra ID for Azure Machine Learning itself: batch endpoints accept no keys. Makes one attempt and follows no
/// redirect. Call it only with addresses that <see cref="Scoring.ScoringHosts"/> has checked, because the token goes there.
/// </summary>
internal sealed class BatchConnection : IDisposable
{
    private const string DeploymentHeader = "azureml-model-deployment";

    private readonly HttpClientTransport? _plainHttp;
    private readonly HttpPipeline _pipeline;

    public BatchConnection(IOptions<AzureMLOptions> options)
    {
        var settings = options.Value;
        _plainHttp = settings.Endpoint.Scheme == Uri.UriSchemeHttp ? new HttpClientTransport(new PlainHttpHandler()) : null;
        var clientOptions = new ArmClientOptions();

        // Retries and timeouts belong to AzureDependency; the SDK's own would multiply them.
        clientOptions.Retry.MaxRetries = 0;
        clientOptions.Retry.NetworkTimeout = Timeout.InfiniteTimeSpan;
        clientOptions.Transport = _plainHttp ?? clientOptions.Transport;
        _pipeline = HttpPipelineBuilder.Build(
            clientOptions,
            new BearerTokenAuthenticationPolicy(Credentials.For(settings), $"{CloudAddresses.For(settings.Cloud).ScoringAudience}/.default"));
    }

    /// <summary>Sends one request.</summary>
    /// <param name="address">The scoring address of the endpoint.</param>
    /// <param name="deployment">The deployment; null for the default one.</param>
    /// <param name="body">The invocation.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    public async Task<ArmAnswer> PostAsync(Uri address, string? deployment, JsonObject body, CancellationToken cancellationToken)
    {
        using var message = _pipeline.CreateMessage();
        message.Request.Method = RequestMethod.Post;

        // The SDK sends tokens to https addresses only; the handler turns the address of a simulator back.
        message.Request.Uri.Reset(new UriBuilder(address) { Scheme = Uri.UriSchemeHttps, Port = address.Port }.Uri);
        message.Request.Headers.Add(HttpHeader.Common.JsonAccept);
        message.Request.Headers.Add(HttpHeader.Common.JsonContentType);
        message.Request.Content = RequestContent.Create(BinaryData.FromString(body.ToJsonString()));
        if (deployment is not null)
        {
            message.Request.Headers.Add(DeploymentHeader, deployment);
        }

        await _pipeline.SendAsync(message, cancellationToken);
        return message.Response.Status is >= 200 and < 300 ? ArmAnswer.From(message.Response) : throw new RequestFailedException(message.Response);
    }

    public void Dispose() => _plainHttp?.Dispose();
}
