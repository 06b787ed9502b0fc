using System.Globalization;
using System.Text.Json.Nodes;

using MLEvents.Local.Simulator.Arm;
using MLEvents.Local.Simulator.Primitives;
using MLEvents.Local.Simulator.Scoring;

namespace MLEvents.Local.Simulator.Monitoring;

/// <summary>Azure Monitor's metrics of online endpoints and deployments.</summary>
internal static class MetricsApi
{
    private const string EndpointRoute = ArmRoutes.Workspace + "/onlineEndpoints/{endpoint}";

    /// <summary>Maps the routes.</summary>
    public static void MapMetrics(this IEndpointRouteBuilder routes)
    {
        routes.MapArm(EndpointRoute, ArmVersions.Monitor).MapGet("/providers/Microsoft.Insights/metrics", ListEndpoint).WithOperation("Metrics_List");
        routes.MapArm(EndpointRoute + "/deployments/{deployment}", ArmVersions.Monitor).MapGet("/providers/Microsoft.Insights/metrics", ListDeployment).WithOperation("Metrics_List");
    }

    private static ArmReply ListEndpoint(ArmRequest request, ResourceStore store, ScoringBehaviors behaviors, RequestLog log, TimeProvider time)
    {
        var endpoint = ArmRequest.Found(store, request.InWorkspace("onlineEndpoints/" + request["endpoint"]));
        var query = MetricsQuery.Parse(request, MetricCatalog.Endpoint, time.GetUtcNow());
        var deployments = store.List(endpoint.Text("id") + "/deployments").Select(found => new MeasuredDeployment(found, behaviors.Find(found))).Where(found => !found.Behavior.NoMetrics).ToList();
        var requests = log.Read(endpoint.Text("id") ?? "", query.From, query.To);
        return Answer(request, query, endpoint, "", metric => SeriesOf(metric, query, deployments, requests));
    }

    private static ArmReply ListDeployment(ArmRequest request, ResourceStore store, ScoringBehaviors behaviors, RequestLog log, TimeProvider time)
    {
        var endpoint = request.InWorkspace("onlineEndpoints/" + request["endpoint"]);
        var deployment = ArmRequest.Found(store, $"{endpoint}/deployments/{request["deployment"]}");
        var query = MetricsQuery.Parse(request, MetricCatalog.Deployment, time.GetUtcNow());
        var measured = new MeasuredDeployment(deployment, behaviors.Find(deployment));
        var requests = log.Read(endpoint, query.From, query.To).Where(served => served.Deployment.Equals(measured.Name, StringComparison.OrdinalIgnoreCase)).ToList();
        return Answer(request, query, deployment, "/deployments", metric => measured.Behavior.NoMetrics ? [] : SeriesOf(metric, query, measured, requests));
    }

    // A fixed value belongs to one deployment. It replaces the calculated values only in queries that filter by deployment.
    private static IEnumerable<JsonObject> SeriesOf(Metric metric, MetricsQuery query, List<MeasuredDeployment> deployments, IReadOnlyList<ServedRequest> requests)
    {
        var series = new MetricSeries(metric, query);
        var byDeployment = query.Filter.Where(condition => condition.Name.Equals("deployment", StringComparison.OrdinalIgnoreCase)).Select(condition => condition.Value).FirstOrDefault();
        var withFixedValue = deployments
            .Where(found => found.Behavior.Metrics.ContainsKey(metric.Name) && byDeployment is not null && (byDeployment == "*" || byDeployment.Equals(found.Name, StringComparison.OrdinalIgnoreCase)))
            .ToList();
        var derived = deployments.Except(withFixedValue).Select(found => found.Name).ToHashSet(StringComparer.OrdinalIgnoreCase);
        return withFixedValue
            .Select(found => series.Constant(query.Filter.Select(condition => (condition.Name, condition.Value == "*" ? found.Name : condition.Value)), found.Behavior.Metrics[metric.Name], found.Since))
            .Concat(series.FromRequests(requests.Where(request => derived.Contains(request.Deployment))));
    }

    private static IEnumerable<JsonObject> SeriesOf(Metric metric, MetricsQuery query, MeasuredDeployment deployment, IReadOnlyList<ServedRequest> requests)
    {
        var series = new MetricSeries(metric, query);
        var isFixed = deployment.Behavior.Metrics.TryGetValue(metric.Name, out var value);
        return isFixed || metric.Kind == MetricKind.Gauge
            ? [series.Constant(query.Filter, isFixed ? value : metric.Parameter, deployment.Since)]
            : series.FromRequests(requests);
    }

    private static ArmReply Answer(ArmRequest request, MetricsQuery query, JsonObject resource, string subtype, Func<Metric, IEnumerable<JsonObject>> read) => ArmReply.Ok(new JsonObject
    {
        ["cost"] = 0,
        ["timespan"] = $"{query.From.UtcDateTime:yyyy-MM-ddTHH:mm:ssZ}/{query.To.UtcDateTime:yyyy-MM-ddTHH:mm:ssZ}",
        ["interval"] = request.Query("interval") ?? "PT1M",
        ["value"] = new JsonArray([.. query.Metrics.Select(metric => new JsonObject
        {
            ["id"] = $"{resource.Text("id")}/providers/Microsoft.Insights/metrics/{metric.Name}",
            ["type"] = "Microsoft.Insights/metrics",
            ["name"] = new JsonObject { ["value"] = metric.Name, ["localizedValue"] = metric.Name },
            ["displayDescription"] = metric.Name,
            ["unit"] = metric.Unit,
            ["timeseries"] = new JsonArray([.. read(metric)]),
            ["errorCode"] = "Success",
        })]),
        ["namespace"] = "Microsoft.MachineLearningServices/workspaces/onlineEndpoints" + subtype,
        ["resourceregion"] = resource.Text("location"),
    });

    private sealed record MeasuredDeployment(JsonObject Resource, ScoringBehavior Behavior)
    {
        public string Name => Resource.Text("name") ?? "";

        public DateTimeOffset Since => DateTimeOffset.TryParse(Resource.Text("systemData", "createdAt"), CultureInfo.InvariantCulture, out var created) ? created : DateTimeOffset.MinValue;
    }
}
