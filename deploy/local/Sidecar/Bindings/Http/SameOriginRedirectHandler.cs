using System.Net;

namespace MLEvents.Local.Sidecar.Bindings.Http;

/// <summary>
/// Follows only redirects to the same scheme, host and port, because the address, the headers and the body of a call are meant for the host that the component names.
/// A redirect to another scheme, host or port is not followed; it is the response of the call.
/// </summary>
/// <remarks>
/// As in Go and daprd, the request is repeated after the statuses 307 and 308. After a redirect with another status, the new address is read with GET, or with HEAD if the request was HEAD.
/// </remarks>
internal sealed class SameOriginRedirectHandler(HttpMessageHandler inner) : DelegatingHandler(inner)
{
    // Like Go's client, this handler sends at most 10 requests.
    private const int MaxRedirects = 9;

    /// <inheritdoc/>
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var response = await base.SendAsync(request, cancellationToken);
        for (var redirects = 0; redirects < MaxRedirects && Target(request.RequestUri!, response) is { } target; redirects++)
        {
            Redirect(request, response.StatusCode, target);
            response.Dispose();
            response = await base.SendAsync(request, cancellationToken);
        }

        return response;
    }

    private static Uri? Target(Uri address, HttpResponseMessage response) =>
        response.StatusCode is HttpStatusCode.MovedPermanently or HttpStatusCode.Found or HttpStatusCode.SeeOther or HttpStatusCode.TemporaryRedirect or HttpStatusCode.PermanentRedirect
        && response.Headers.Location is { } location
        && Uri.TryCreate(address, location, out var target)
        && Uri.Compare(address, target, UriComponents.SchemeAndServer, UriFormat.Unescaped, StringComparison.OrdinalIgnoreCase) == 0
            ? target
            : null;

    private static void Redirect(HttpRequestMessage request, HttpStatusCode status, Uri target)
    {
        request.RequestUri = target;
        if (status is HttpStatusCode.TemporaryRedirect or HttpStatusCode.PermanentRedirect)
        {
            return;
        }

        request.Method = request.Method == HttpMethod.Head ? HttpMethod.Head : HttpMethod.Get;
        request.Content = null;
    }
}
