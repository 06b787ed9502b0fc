using Grpc.Core;

namespace MLEvents.Local.Sidecar.Errors;

/// <summary>All errors of the sidecar. Codes and texts are those of daprd 1.17.13, except those of <see cref="NotSupported"/>.</summary>
public static partial class DaprErrors
{
    /// <summary>The subscriptions of the app do not run yet.</summary>
    public static DaprError HealthNotReady { get; } =
        new("ERR_HEALTH_NOT_READY", 500, StatusCode.Internal, "dapr is not ready: [runtime]");

    /// <summary>A health request has the id of another app.</summary>
    public static DaprError HealthAppIdMismatch { get; } =
        new("ERR_HEALTH_APPID_NOT_MATCH", 500, StatusCode.Internal, "dapr app-id does not match");

    /// <summary>The path belongs to no API. daprd reads it as a service invocation without a target.</summary>
    public static DaprError DirectInvoke { get; } =
        new("ERR_DIRECT_INVOKE", 404, StatusCode.NotFound, "failed getting app id either from the URL path or the header dapr-app-id");

    /// <summary>A gRPC call has no API token or a wrong one.</summary>
    public static DaprError Unauthorized(string cause) =>
        new("ERR_UNAUTHORIZED", 401, StatusCode.Unauthenticated, "Unauthorized")
        {
            Reason = "Unauthorized",
            Info = new Dictionary<string, string> { ["http.code"] = "401", ["http.error_message"] = cause },
        };

    /// <summary>The embedded sidecar does not support this API of daprd.</summary>
    public static DaprError NotSupported(string api) =>
        new("ERR_NOT_SUPPORTED", 501, StatusCode.Unimplemented, $"the embedded sidecar does not support {api}; use daprd");
}
