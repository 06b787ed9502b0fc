using Azure.Core;
using Azure.Core.Pipeline;

namespace MLEvents.AzureML.Connection;

/// <summary>Creates the pipelines that send requests to Azure with a token of Microsoft Entra ID.</summary>
internal static class AzurePipeline
{
    /// <summary>The transport for a simulator on this machine; <see langword="null"/> if the endpoint is https. The caller disposes it.</summary>
    public static HttpClientTransport? CreatePlainHttp(AzureMLOptions settings) =>
        settings.Endpoint.Scheme == Uri.UriSchemeHttp ? new HttpClientTransport(new PlainHttpHandler()) : null;

    /// <summary>Creates a pipeline that makes one attempt for each request.</summary>
    /// <param name="settings">The settings.</param>
    /// <param name="audience">The audience of the tokens.</param>
    /// <param name="transport">The transport; <see langword="null"/> for the SDK's own transport.</param>
    public static HttpPipeline Create(AzureMLOptions settings, string audience, HttpPipelineTransport? transport)
    {
        var options = new PipelineOptions();

        // AzureDependency retries and sets timeouts. Retries of the SDK would multiply the attempts.
        options.Retry.MaxRetries = 0;
        options.Retry.NetworkTimeout = Timeout.InfiniteTimeSpan;
        options.Transport = transport ?? options.Transport;
        return HttpPipelineBuilder.Build(options, new BearerTokenAuthenticationPolicy(Credentials.For(settings), $"{audience}/.default"));
    }

    private sealed class PipelineOptions : ClientOptions;
}
