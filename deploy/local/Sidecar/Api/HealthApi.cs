using MLEvents.Local.Sidecar.Configuration;
using MLEvents.Local.Sidecar.Delivery;
using MLEvents.Local.Sidecar.Errors;

namespace MLEvents.Local.Sidecar.Api;

/// <summary>Health probes.</summary>
internal static class HealthApi
{
    public static void MapHealth(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/v1.0/healthz", Healthz);
        routes.MapGet("/v1.0/healthz/outbound", () => Results.NoContent());
    }

    private static IResult Healthz(HttpRequest request, SidecarOptions options, SubscriptionService subscriptions)
    {
        if (request.Query.TryGetValue("appid", out var appId) && appId.ToString() != options.AppId)
        {
            throw DaprErrors.HealthAppIdMismatch.AsException();
        }

        return subscriptions.IsReady ? Results.NoContent() : throw DaprErrors.HealthNotReady.AsException();
    }
}
