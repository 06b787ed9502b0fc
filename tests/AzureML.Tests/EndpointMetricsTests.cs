using MLEvents.AzureML.Errors;
using MLEvents.AzureML.Monitoring;

namespace MLEvents.AzureML.Tests;

public sealed class EndpointMetricsTests
{
    private const string Answer = """
        {
          "cost": 2, "timespan": "2026-11-28T10:00:00Z/2026-11-28T10:02:00Z", "interval": "PT1M",
          "namespace": "Microsoft.MachineLearningServices/workspaces/onlineEndpoints", "resourceregion": "westeurope",
          "value": [{
            "id": "x", "type": "Microsoft.Insights/metrics", "name": { "value": "RequestLatency_P95", "localizedValue": "Request Latency P95" }, "unit": "MilliSeconds", "errorCode": "Success",
            "timeseries": [{
              "metadatavalues": [{ "name": { "value": "Deployment", "localizedValue": "deployment" }, "value": "green" }],
              "data": [{ "timeStamp": "2026-11-28T10:01:00Z" }, { "timeStamp": "2026-11-28T10:00:00Z", "average": 41.5, "maximum": 60 }]
            }]
          }, { "name": { "value": "RequestsPerMinute" }, "unit": "Count", "timeseries": [] }]
        }
        """;

    private static readonly string Endpoint = $"{AzureClient.Workspace}/onlineEndpoints/churn";
    private static readonly DateTimeOffset From = new(2026, 11, 28, 10, 0, 0, TimeSpan.Zero);
    private static readonly MetricsQuery Query = new(["RequestLatency_P95", "RequestsPerMinute"], From, From.AddMinutes(2));

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Series_are_read_with_their_dimensions_and_missing_values()
    {
        await using var arm = await FakeArm.StartAsync();
        arm.On("GET", $"{Endpoint}/providers/Microsoft.Insights/metrics", new FakeAnswer(200, Answer));
        using var azure = AzureClient.For(arm);

        var series = Assert.Single(await azure.Metrics.ReadAsync(AzureClient.Workspace, "churn", null, Query, Token));

        Assert.Equal(("RequestLatency_P95", "MilliSeconds", "green"), (series.Metric, series.Unit, series.Dimensions["deployment"]));
        Assert.Equal([From, From.AddMinutes(1)], series.Points.Select(point => point.Time));
        Assert.Equal((41.5, 60d, null), (series.Points[0].Average, series.Points[0][MetricAggregation.Maximum], series.Points[1].Average));
    }

    [Fact]
    public async Task A_query_is_written_as_Azure_Monitor_reads_it()
    {
        await using var arm = await FakeArm.StartAsync();
        arm.On("GET", $"{Endpoint}/deployments/green/providers/Microsoft.Insights/metrics", new FakeAnswer(200, """{ "value": [] }"""));
        using var azure = AzureClient.For(arm);

        var query = Query with
        {
            Aggregations = [MetricAggregation.Average],
            Interval = TimeSpan.FromMinutes(5),
            Dimensions = new Dictionary<string, string> { ["deployment"] = "o'brien", ["statusCodeClass"] = "*" },
        };
        Assert.Empty(await azure.Metrics.ReadAsync(AzureClient.Workspace, "churn", "green", query, Token));

        Assert.Equal(
            "?api-version=2023-10-01&metricnames=RequestLatency_P95,RequestsPerMinute&timespan=2026-11-28T10:00:00.000Z/2026-11-28T10:02:00.000Z"
            + "&interval=PT5M&aggregation=Average&$filter=deployment eq 'o''brien' and statusCodeClass eq '*'",
            Uri.UnescapeDataString(arm.Calls[^1].Query));
    }

    [Fact]
    public async Task A_metric_that_Azure_Monitor_refuses_is_an_error_and_not_an_empty_series()
    {
        await using var arm = await FakeArm.StartAsync();
        arm.On("GET", $"{Endpoint}/providers/Microsoft.Insights/metrics", new FakeAnswer(200, """
            { "value": [{ "name": { "value": "RequestLatency_P95" }, "errorCode": "InvalidSamplingType", "errorMessage": "No such aggregation.", "timeseries": [] }] }
            """));
        using var azure = AzureClient.For(arm);

        var refused = await Assert.ThrowsAsync<AzureException>(() => azure.Metrics.ReadAsync(AzureClient.Workspace, "churn", null, Query, Token));

        Assert.Equal(("InvalidSamplingType", "Metrics_List: metric 'RequestLatency_P95' was not read: InvalidSamplingType No such aggregation."), (refused.Code, refused.Message));
    }

    [Fact]
    public async Task A_refusal_names_the_role_that_is_missing()
    {
        await using var arm = await FakeArm.StartAsync();
        arm.On("GET", $"{Endpoint}/providers/Microsoft.Insights/metrics", FakeAnswer.Error(403, "AuthorizationFailed"));
        using var azure = AzureClient.For(arm);

        var refused = await Assert.ThrowsAsync<AzureException>(() => azure.Metrics.ReadAsync(AzureClient.Workspace, "churn", null, Query, Token));

        Assert.Contains("Monitoring Reader", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_invalid_query_is_refused()
    {
        await using var arm = await FakeArm.StartAsync();
        using var azure = AzureClient.For(arm);

        foreach (var wrong in new[] { Query with { Metrics = [] }, Query with { To = From }, Query with { Dimensions = new Dictionary<string, string> { ["a or b"] = "1" } } })
        {
            await Assert.ThrowsAsync<ArgumentException>(() => azure.Metrics.ReadAsync(AzureClient.Workspace, "churn", null, wrong, Token));
        }
    }
}
