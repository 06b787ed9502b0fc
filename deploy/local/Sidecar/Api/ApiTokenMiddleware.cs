using System.Security.Cryptography;
using System.Text;

using Grpc.AspNetCore.Server;

using MLEvents.Local.Sidecar.Configuration;

namespace MLEvents.Local.Sidecar.Api;

/// <summary>Refuses HTTP requests without the configured API token, except health probes. <see cref="Grpc.DaprErrorInterceptor"/> checks gRPC calls.</summary>
internal sealed class ApiTokenMiddleware(RequestDelegate next, SidecarOptions options)
{
    /// <summary>The name of the HTTP header and of the gRPC metadata key that contain the token.</summary>
    public const string Header = "dapr-api-token";

    private static readonly PathString Health = new("/v1.0/healthz");

    public async Task InvokeAsync(HttpContext context)
    {
        if (options.ApiToken is not { } token || IsGrpc(context) || context.Request.Path.StartsWithSegments(Health, StringComparison.Ordinal)
            || Matches(token, context.Request.Headers[Header].ToString()))
        {
            await next(context);
            return;
        }

        context.Response.StatusCode = StatusCodes.Status401Unauthorized;
        context.Response.ContentType = "text/plain; charset=utf-8";
        context.Response.Headers.XContentTypeOptions = "nosniff";
        await context.Response.WriteAsync("invalid api token\n", context.RequestAborted);
    }

    /// <summary>Compares tokens in a time that does not depend on their content, only on their lengths.</summary>
    public static bool Matches(string token, string given) => CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(token), Encoding.UTF8.GetBytes(given));

    // The endpoint decides, not the content type: a caller could send gRPC's content type to an HTTP route to avoid the token check.
    private static bool IsGrpc(HttpContext context) => context.GetEndpoint()?.Metadata.GetMetadata<GrpcMethodMetadata>() is not null;
}
