using Microsoft.AspNetCore.Http.HttpResults;

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
        // Components are loaded before the server listens, so calls to them are possible at once.
        routes.MapGet("/v1.0/healthz/outbound", () => TypedResults.NoContent());
    }

    private static NoContent Healthz(HttpRequest request, SidecarOptions options, SubscriptionService subscriptions)
    {
        if (request.Query.TryGetValue("appid", out var appId) && appId.ToString() != options.AppId)
        {
            throw DaprErrors.HealthAppIdMismatch.AsException();
        }

        return subscriptions.IsReady ? TypedResults.NoContent() : throw DaprErrors.HealthNotReady.AsException();
    }
}
