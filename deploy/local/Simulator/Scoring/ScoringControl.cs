using System.Text.Json.Nodes;

using Microsoft.AspNetCore.Http.HttpResults;

using MLEvents.Local.Simulator.Arm;
using MLEvents.Local.Simulator.Primitives;

namespace MLEvents.Local.Simulator.Scoring;

/// <summary>A behavior to set. Defaults are in parentheses.</summary>
/// <param name="Target">A deployment (<c>endpoint/deployment</c>) or a model (<c>name</c> or <c>name:version</c>); required.</param>
/// <param name="Answer">The body of successful answers (the input is echoed).</param>
/// <param name="Latency">Time until an answer, such as <c>200ms</c> (10 ms).</param>
/// <param name="FailureRate">Share of requests that fail, 0 to 1 (0).</param>
/// <param name="FailureStatus">Status of failed requests, 400 to 599 (424).</param>
/// <param name="FromTraffic">Latency and failures apply only while the deployment has at least this percentage of the traffic, 0 to 100 (0).</param>
/// <param name="NoMetrics">Whether the deployment has no metrics (false).</param>
/// <param name="Metrics">Fixed values of metrics by name (none: values are derived from requests).</param>
internal sealed record BehaviorRequest(
    string? Target, JsonNode? Answer, string? Latency, double? FailureRate, int? FailureStatus, int? FromTraffic, bool? NoMetrics, Dictionary<string, double>? Metrics);

/// <summary>Live traffic to generate.</summary>
/// <param name="Endpoint">The endpoint's name; required.</param>
/// <param name="RequestsPerMinute">Requests per minute, 0 to 60000; required; 0 stops the requests.</param>
internal sealed record TrafficRequest(string? Endpoint, double? RequestsPerMinute);

/// <summary>Sets how deployments answer and how many requests endpoints receive.</summary>
internal static class ScoringControl
{
    private const double MaxRate = 60_000;

    /// <summary>Maps the routes.</summary>
    public static void MapScoringControl(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/simulate/scoring", List);
        routes.MapPost("/simulate/scoring", Set);
        routes.MapDelete("/simulate/scoring", Clear);
        routes.MapPost("/simulate/traffic", SetTraffic);
    }

    private static Ok<IReadOnlyDictionary<string, ScoringBehavior>> List(ScoringBehaviors behaviors) => TypedResults.Ok(behaviors.List());

    private static Results<Accepted<ScoringBehavior>, ProblemHttpResult> Set(BehaviorRequest asked, ScoringBehaviors behaviors)
    {
        var latency = ScoringBehavior.DefaultLatency;
        if (Validate(asked) is { } error || (error = asked.Latency is null || Durations.TryParse(asked.Latency, out latency) ? null : "'latency' is not a duration; use a form such as 500ms or 2s.") is not null)
        {
            return TypedResults.Problem(error, statusCode: StatusCodes.Status400BadRequest);
        }

        var standard = ScoringBehavior.Default;
        var behavior = new ScoringBehavior(
            asked.Answer,
            latency,
            asked.FailureRate ?? standard.FailureRate,
            asked.FailureStatus ?? standard.FailureStatus,
            asked.FromTraffic ?? standard.FromTraffic,
            asked.NoMetrics ?? standard.NoMetrics,
            new Dictionary<string, double>(asked.Metrics ?? [], StringComparer.OrdinalIgnoreCase));
        behaviors.Set(asked.Target ?? "", behavior);
        return TypedResults.Accepted((string?)null, behavior);
    }

    private static NoContent Clear(ScoringBehaviors behaviors)
    {
        behaviors.Clear();
        return TypedResults.NoContent();
    }

    private static Results<Accepted<TrafficRequest>, ProblemHttpResult> SetTraffic(TrafficRequest asked, LiveTraffic traffic, ResourceStore store, ArmScope scope)
    {
        if (string.IsNullOrWhiteSpace(asked.Endpoint) || asked.RequestsPerMinute is not (>= 0 and <= MaxRate))
        {
            return TypedResults.Problem($"'endpoint' and 'requestsPerMinute' are required, and 'requestsPerMinute' must be from 0 to {MaxRate}.", statusCode: StatusCodes.Status400BadRequest);
        }

        traffic.Set(scope.FindEndpoint(store, asked.Endpoint) ?? $"{scope.Workspace}/onlineEndpoints/{asked.Endpoint}", asked.RequestsPerMinute ?? 0);
        return TypedResults.Accepted((string?)null, asked);
    }

    private static string? Validate(BehaviorRequest asked) => asked switch
    {
        { Target: null or "" } => "'target' is required: endpoint/deployment, or a model's name or name:version.",
        { FailureRate: < 0 or > 1 } => "'failureRate' must be from 0 to 1.",
        { FailureStatus: < 400 or > 599 } => "'failureStatus' must be from 400 to 599.",
        { FromTraffic: < 0 or > 100 } => "'fromTraffic' must be from 0 to 100.",
        { Metrics: { } metrics } when metrics.Keys.Distinct(StringComparer.OrdinalIgnoreCase).Count() < metrics.Count => "'metrics' must name each metric once; letter case is ignored.",
        _ => null,
    };
}
