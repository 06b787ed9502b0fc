namespace MLEvents.ServiceDefaults;

/// <summary>Adds the token of the Dapr API to gRPC calls that lack it. Dapr.Client omits the token from bulk writes of state.</summary>
internal sealed class SidecarTokenHandler(string token) : DelegatingHandler(new SocketsHttpHandler { AllowAutoRedirect = false, EnableMultipleHttp2Connections = true })
{
    /// <summary>The header of the token, in both directions.</summary>
    public const string Header = "dapr-api-token";

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (!request.Headers.Contains(Header))
        {
            request.Headers.TryAddWithoutValidation(Header, token);
        }

        return base.SendAsync(request, cancellationToken);
    }
}
