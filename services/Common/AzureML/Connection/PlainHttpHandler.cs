namespace MLEvents.AzureML.Connection;

/// <summary>
/// Changes the https address of a request to plain http and sends the request, because the Azure SDK refuses to send tokens over http. The address must be on this machine.
/// Plain http is safe here only because <see cref="AzureMLOptionsGuard"/> allows plain http only for loopback addresses in Development.
/// </summary>
internal sealed class PlainHttpHandler : DelegatingHandler
{
    public PlainHttpHandler()
        : base(new SocketsHttpHandler { AllowAutoRedirect = false })
    {
    }

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        request.RequestUri = Plain(request.RequestUri);
        return base.SendAsync(request, cancellationToken);
    }

    private static Uri Plain(Uri? address) => address is { IsLoopback: true }
        ? new UriBuilder(address) { Scheme = Uri.UriSchemeHttp, Port = address.Port }.Uri
        : throw new InvalidOperationException($"{address} is not on this machine.");
}
