using System.Net;

using MLEvents.ServiceDefaults;

namespace MLEvents.Ingress;

/// <summary>Lets only the Dapr sidecar call: by the app API token if one is set (<c>APP_API_TOKEN</c>), else from this machine only.</summary>
internal sealed class SidecarOnly(IConfiguration configuration) : IEndpointFilter
{
    public ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next) =>
        IsSidecar(context.HttpContext)
            ? next(context)
            : ValueTask.FromResult<object?>(TypedResults.Problem(statusCode: StatusCodes.Status401Unauthorized, title: "Only the Dapr sidecar may call this."));

    private bool IsSidecar(HttpContext context) =>
        SidecarToken.IsValid(context.Request, configuration)
        ?? (context.Connection.RemoteIpAddress is { } address && IPAddress.IsLoopback(address));
}
