using Azure;
using Azure.Core;
using Azure.Core.Pipeline;

namespace MLEvents.AzureML.Connection;

/// <summary>
/// Sends requests to addresses of Azure Machine Learning outside Azure Resource Manager, with a token of Microsoft Entra ID. Makes one attempt and follows no redirect.
/// Callers must check the host of an address first, because the request contains the token.
/// </summary>
internal sealed class DataPlane : IDisposable
{
    private readonly HttpClientTransport? _plainHttp;
    private readonly HttpPipeline _pipeline;

    /// <summary>Creates the pipeline that sends the requests.</summary>
    /// <param name="settings">The settings.</param>
    /// <param name="audience">The audience of the tokens.</param>
    public DataPlane(AzureMLOptions settings, string audience)
    {
        _plainHttp = AzurePipeline.CreatePlainHttp(settings);
        _pipeline = AzurePipeline.Create(settings, audience, _plainHttp);
    }

    /// <summary>Sends one request.</summary>
    /// <param name="method">The method.</param>
    /// <param name="address">The checked address.</param>
    /// <param name="prepare">Adds headers and the content; null for none.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <exception cref="RequestFailedException">The answer's status is not 2xx.</exception>
    public async Task<ArmAnswer> SendAsync(RequestMethod method, Uri address, Action<Request>? prepare, CancellationToken cancellationToken)
    {
        using var message = _pipeline.CreateMessage();
        message.Request.Method = method;

        // The SDK sends tokens only to https addresses. The handler changes the address of a simulator back to http.
        message.Request.Uri.Reset(new UriBuilder(address) { Scheme = Uri.UriSchemeHttps, Port = address.Port }.Uri);
        message.Request.Headers.Add(HttpHeader.Common.JsonAccept);
        prepare?.Invoke(message.Request);
        await _pipeline.SendAsync(message, cancellationToken);
        return message.Response.Status is >= 200 and < 300 ? ArmAnswer.From(message.Response) : throw new RequestFailedException(message.Response);
    }

    public void Dispose() => _plainHttp?.Dispose();
}
