using Microsoft.AspNetCore.Http.HttpResults;

using MLEvents.Local.Sidecar.Components;
using MLEvents.Local.Sidecar.PubSub.Broker;
using MLEvents.Local.Sidecar.Telemetry;

namespace MLEvents.Local.Sidecar.Api;

/// <summary><c>GET /metrics</c> in Prometheus' text format: counters of this sidecar, and the backlog of its brokers by topic and consumer group.</summary>
internal static class MetricsApi
{
    public static void MapMetrics(this IEndpointRouteBuilder routes) => routes.MapGet("/metrics", MetricsAsync);

    private static async Task<ContentHttpResult> MetricsAsync(SidecarMetrics metrics, ComponentRegistry components)
    {
        var lines = metrics.Lines.ToList();
        foreach (var (name, pubSub) in components.OfType<IPubSub>())
        {
            foreach (var backlog in await pubSub.BacklogAsync())
            {
                lines.Add($"{Series("sidecar_backlog_waiting")} {backlog.Waiting}");
                lines.Add($"{Series("sidecar_backlog_in_flight")} {backlog.InFlight}");

                string Series(string series) => SidecarMetrics.Series(series, new("pubsub", name), new("topic", backlog.Topic), new("group", backlog.Group));
            }
        }

        return TypedResults.Text(string.Concat(lines.Select(line => line + "\n")), "text/plain; version=0.0.4; charset=utf-8");
    }
}
