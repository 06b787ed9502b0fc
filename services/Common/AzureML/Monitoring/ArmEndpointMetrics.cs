using System.Globalization;
using System.Text.Json.Nodes;
using System.Xml;

using Azure.Core;

using MLEvents.AzureML.Connection;
using MLEvents.AzureML.Errors;
using MLEvents.AzureML.Resilience;

namespace MLEvents.AzureML.Monitoring;

/// <summary>Reads metrics through Azure Resource Manager. The calls share their credential and limits with all other calls to Resource Manager.</summary>
internal sealed class ArmEndpointMetrics(ArmConnection arm, [FromKeyedServices(AzureDependency.Arm)] AzureDependency azure) : IEndpointMetrics
{
    private const string Operation = "Metrics_List";

    public async Task<IReadOnlyList<MetricSeries>> ReadAsync(
        ResourceIdentifier workspace, string endpoint, string? deployment, MetricsQuery query, CancellationToken cancellationToken)
    {
        var id = deployment is null ? ArmIds.ForEndpoint(workspace, endpoint) : ArmIds.ForDeployment(workspace, endpoint, deployment);
        var path = PathOf(id, query);
        var answer = await azure.CallAsync(Operation, token => arm.SendAsync(RequestMethod.Get, path, null, null, token), cancellationToken);
        return [.. answer.Body.Objects("value").SelectMany(ToSeries)];
    }

    private static ArmPath PathOf(ArmId id, MetricsQuery query)
    {
        if (query.Metrics.Count == 0 || query.From >= query.To)
        {
            throw new ArgumentException($"A query needs at least one metric and a time span; it has {query.Metrics.Count} metrics from {query.From:O} to {query.To:O}.", nameof(query));
        }

        var path = ArmPath.For(id, ArmConnection.MonitorVersion, "/providers/Microsoft.Insights/metrics")
            .With("metricnames", string.Join(',', query.Metrics))
            .With("timespan", $"{Time(query.From)}/{Time(query.To)}")
            .With("interval", XmlConvert.ToString(query.Interval))
            .With("aggregation", string.Join(',', query.Aggregations.Select(aggregation => aggregation.ToString())));
        return query.Dimensions.Count == 0 ? path : path.With("$filter", string.Join(" and ", query.Dimensions.Select(Condition)));
    }

    private static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    private static string Condition(KeyValuePair<string, string> dimension) => dimension.Key.Length > 0 && dimension.Key.All(char.IsAsciiLetterOrDigit)
        ? $"{dimension.Key} eq '{dimension.Value.Replace("'", "''", StringComparison.Ordinal)}'"
        : throw new ArgumentException($"'{dimension.Key}' is not the name of a dimension; expected letters and digits.", nameof(dimension));

    private static IEnumerable<MetricSeries> ToSeries(JsonObject metric)
    {
        var name = metric.Object("name").Text("value") ?? "";
        if (metric.Text("errorCode") is { Length: > 0 } code && !code.Equals("Success", StringComparison.OrdinalIgnoreCase))
        {
            throw new AzureException($"{Operation}: metric '{name}' was not read: {code} {metric.Text("errorMessage")}") { Operation = Operation, Code = code };
        }

        var unit = metric.Text("unit") ?? "";
        return metric.Objects("timeseries").Select(series => new MetricSeries(
            name,
            unit,
            series.Objects("metadatavalues").ToDictionary(value => (value.Object("name").Text("value") ?? "").ToLowerInvariant(), value => value.Text("value") ?? "", StringComparer.OrdinalIgnoreCase),
            [.. series.Objects("data").Select(ToPoint).OrderBy(point => point.Time)]));
    }

    private static MetricPoint ToPoint(JsonObject data) => new(
        data.Time("timeStamp") ?? DateTimeOffset.MinValue, data.Number("average"), data.Number("minimum"), data.Number("maximum"), data.Number("total"), data.Number("count"));
}
