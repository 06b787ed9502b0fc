namespace MLEvents.ServiceDefaults;

/// <summary>Adds <c>DAPR_API_TOKEN</c> to each gRPC call of the sidecar that lacks it: the bulk calls of the Dapr SDK leave it out, and the sidecar refuses them.</summary>
internal sealed class SidecarTokenHandler(string token) : DelegatingHandler(new SocketsHttpHandler { EnableMultipleHttp2Connections = true })
{
    private const string Header = "dapr-api-token";

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (!request.Headers.Contains(Header))
        {
            request.Headers.TryAddWithoutValidation(Header, token);
        }

        return base.SendAsync(request, cancellationToken);
    }
}
