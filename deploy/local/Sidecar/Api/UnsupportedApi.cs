using MLEvents.Local.Sidecar.Errors;

namespace MLEvents.Local.Sidecar.Api;

/// <summary>
/// If a request is for an API of daprd that the sidecar does not support, the answer is 501 and names the API. If the path belongs to no API, the answer is the same as in daprd.
/// </summary>
internal static class UnsupportedApi
{
    private static readonly (string Route, string Name)[] Refused =
    [
        ("/v1.0/invoke/{**rest}", "service invocation"),
        ("/v1.0/actors/{**rest}", "actors"),
        ("/v1.0/configuration/{**rest}", "configuration stores"),
        ("/v1.0-alpha1/configuration/{**rest}", "configuration stores"),
        ("/v1.0/workflows/{**rest}", "workflows"),
        ("/v1.0-beta1/workflows/{**rest}", "workflows"),
        ("/v1.0-alpha1/workflows/{**rest}", "workflows"),
        ("/v1.0-alpha1/jobs/{**rest}", "jobs"),
        ("/v1.0/jobs/{**rest}", "jobs"),
        ("/v1.0-alpha1/lock/{**rest}", "locks"),
        ("/v1.0-alpha1/unlock/{**rest}", "locks"),
        ("/v1.0-alpha1/crypto/{**rest}", "cryptography"),
        ("/v1.0-alpha1/subtlecrypto/{**rest}", "cryptography"),
        ("/v1.0-alpha1/conversation/{**rest}", "conversations"),
        ("/v1.0-alpha2/conversation/{**rest}", "conversations"),
        ("/v1.0/shutdown", "shutdown by request"),
    ];

    public static void MapUnsupported(this IEndpointRouteBuilder routes)
    {
        foreach (var (route, name) in Refused)
        {
            routes.Map(route, Refuse(name));
        }

        routes.Map("/{**rest}", Unknown);
    }

    private static RequestDelegate Refuse(string name) => _ => throw DaprErrors.NotSupported(name).AsException();

    private static Task Unknown(HttpContext context) => throw (context.Request.Headers.ContainsKey("dapr-app-id")
        ? DaprErrors.NotSupported("service invocation")
        : DaprErrors.DirectInvoke).AsException();
}
