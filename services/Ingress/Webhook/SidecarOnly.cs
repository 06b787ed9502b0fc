using System.Net;

using MLEvents.ServiceDefaults;

namespace MLEvents.Ingress.Webhook;

/// <summary>Accepts requests of the Dapr sidecar only: by the app API token if one is set (<c>APP_API_TOKEN</c>), otherwise from this machine only.</summary>
/// <remarks>A web page on this machine is refused too: browsers add headers to cross-origin requests that no sidecar sends.</remarks>
internal sealed class SidecarOnly(IConfiguration configuration) : IEndpointFilter
{
    private static readonly string[] BrowserHeaders = ["Origin", "Sec-Fetch-Site", "Sec-Fetch-Mode"];

    public ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next) =>
        IsSidecar(context.HttpContext)
            ? next(context)
            : ValueTask.FromResult<object?>(TypedResults.Problem(statusCode: StatusCodes.Status401Unauthorized, title: "Only the Dapr sidecar may call this."));

    private bool IsSidecar(HttpContext context) =>
        !BrowserHeaders.Any(context.Request.Headers.ContainsKey)
        && (SidecarToken.IsValid(context.Request, configuration) ?? (context.Connection.RemoteIpAddress is { } address && IPAddress.IsLoopback(address)));
}

/// <summary>Accepts CloudEvents only: a web page cannot send this content type to another origin without being allowed to.</summary>
internal sealed class CloudEventsOnly : IEndpointFilter
{
    public ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next) =>
        context.HttpContext.Request.ContentType?.StartsWith("application/cloudevents+json", StringComparison.OrdinalIgnoreCase) == true
            ? next(context)
            : ValueTask.FromResult<object?>(TypedResults.Problem(statusCode: StatusCodes.Status415UnsupportedMediaType, title: "Messages are delivered as application/cloudevents+json."));
}
