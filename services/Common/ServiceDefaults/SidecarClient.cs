using Microsoft.Extensions.Configuration;

namespace MLEvents.ServiceDefaults;

/// <summary>
/// Sends requests to the HTTP API of the service's own Dapr sidecar, with the token of that API (<c>DAPR_API_TOKEN</c>).
/// It is for routes that <c>DaprClient</c> does not call, and for services that do not load <c>DaprClient</c>.
/// </summary>
/// <param name="clients">Creates the HTTP client.</param>
/// <param name="configuration">The configuration of the service.</param>
public sealed class SidecarClient(IHttpClientFactory clients, IConfiguration configuration)
{
    /// <summary>The name of the HTTP client.</summary>
    internal const string Name = "sidecar";

    /// <summary>The time limit of a request.</summary>
    internal static readonly TimeSpan Timeout = TimeSpan.FromSeconds(5);

    /// <summary>The address of the sidecar's HTTP API.</summary>
    public Uri Address => ServiceDefaultsExtensions.SidecarAddress(configuration);

    /// <summary>Sends a request and reads the whole answer. The status of the answer is not checked.</summary>
    /// <param name="method">The method.</param>
    /// <param name="path">The path, for instance <c>/v1.0/metadata</c>.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    /// <exception cref="HttpRequestException">The sidecar does not answer.</exception>
    /// <exception cref="TaskCanceledException">The sidecar did not answer within 5 seconds.</exception>
    public async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, CancellationToken cancellationToken)
    {
        using var http = clients.CreateClient(Name);
        using var request = new HttpRequestMessage(method, new Uri(Address, path));
        if (configuration["DAPR_API_TOKEN"] is { Length: > 0 } token)
        {
            request.Headers.TryAddWithoutValidation(SidecarTokenHandler.Header, token);
        }

        return await http.SendAsync(request, cancellationToken);
    }
}
