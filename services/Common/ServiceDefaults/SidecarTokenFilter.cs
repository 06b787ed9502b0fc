using System.Net;

using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;

using MLEvents.Events;

namespace MLEvents.ServiceDefaults;

/// <summary>Refuses requests that do not come from the Dapr sidecar.</summary>
/// <remarks>
/// A web page can post a form or text to any address without a preflight request (a CORS "simple request"), but such a request cannot have a JSON content type.
/// A web page can also make its own host name resolve to this machine, but the filter does not allow that host name.
/// In both cases, the page does not know the token and cannot omit the headers that browsers add.
/// </remarks>
internal sealed class SidecarTokenFilter(IConfiguration configuration, IOptionsMonitor<SidecarAccessOptions> options) : IEndpointFilter
{
    private static readonly string[] BrowserHeaders = ["Origin", "Sec-Fetch-Site", "Sec-Fetch-Mode"];

    // Deliveries are application/cloudevents+json; bulk deliveries and input bindings are application/json.
    private static readonly string[] MediaTypes = ["application/cloudevents+json", "application/json", "application/cloudevents-batch+json"];

    public ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next) =>
        Refusal(context.HttpContext) is { } refusal ? ValueTask.FromResult<object?>(refusal) : next(context);

    private ProblemHttpResult? Refusal(HttpContext context)
    {
        if (!IsAllowedHost(context.Request.Host.Host))
        {
            return Refuse(StatusCodes.Status403Forbidden, $"The host name '{DisplayText.Shorten(context.Request.Host.Host)}' is not allowed here. The Dapr sidecar uses a loopback name or one of Sidecar:Hosts.");
        }

        if (!IsSidecar(context))
        {
            return Refuse(StatusCodes.Status401Unauthorized, "Only the Dapr sidecar may call this route. It sends the value of APP_API_TOKEN in the header dapr-api-token.");
        }

        return HttpMethods.IsPost(context.Request.Method) && !IsAllowedContent(context.Request.ContentType)
            ? Refuse(StatusCodes.Status415UnsupportedMediaType, $"Expected one of these content types: {string.Join(", ", MediaTypes)}.")
            : null;
    }

    private bool IsAllowedHost(string host) =>
        string.Equals(host, "localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(host, out var address) && IPAddress.IsLoopback(address))
        || options.CurrentValue.Hosts.Contains(host, StringComparer.OrdinalIgnoreCase);

    private bool IsSidecar(HttpContext context) =>
        !BrowserHeaders.Any(context.Request.Headers.ContainsKey)
        && (SidecarToken.IsValid(context.Request, configuration) ?? (options.CurrentValue.NetworkProtected || IsFromThisMachine(context)));

    private static bool IsFromThisMachine(HttpContext context) => context.Connection.RemoteIpAddress is { } address && IPAddress.IsLoopback(address);

    private static bool IsAllowedContent(string? contentType) =>
        MediaTypeHeaderValue.TryParse(contentType, out var parsed) && MediaTypes.Contains(parsed.MediaType.Value, StringComparer.OrdinalIgnoreCase);

    private static ProblemHttpResult Refuse(int status, string title) => TypedResults.Problem(statusCode: status, title: title);
}
