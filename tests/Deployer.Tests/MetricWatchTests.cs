using Microsoft.Extensions.Options;

using MLEvents.Deployer.Watching;
using MLEvents.Rules.Rollouts;

namespace MLEvents.Deployer.Tests;

/// <summary>The comparison of Azure Monitor's series with the thresholds of a strategy.</summary>
public sealed class MetricWatchTests
{
    private readonly FakeAzure _azure = new();

    [Theory]
    [InlineData(399.9, nameof(MetricOutcome.Passed), "RequestLatency_P95 is 399.9")]
    [InlineData(401, nameof(MetricOutcome.Crossed), "RequestLatency_P95 is 401, at most 400 is allowed")]
    [InlineData(4, nameof(MetricOutcome.Crossed), "RequestLatency_P95 is 4, at least 5 is needed")]
    public async Task A_value_has_absolute_bounds(double value, string outcome, string text)
    {
        _azure.Metrics = (_, deployment) => deployment == "new" ? [("", [value])] : [];

        Assert.Equal((outcome, text), await EvaluateAsync(new() { Name = "RequestLatency_P95", Min = 5, Max = 400 }));
    }

    [Theory]
    [InlineData(120, 100, nameof(MetricOutcome.Passed), "RequestLatency_P95 is 120, and 100 for the deployment in service")]
    [InlineData(121, 100, nameof(MetricOutcome.Crossed), "RequestLatency_P95 is 121, and 100 for the deployment in service: at most 1.2 times as much is allowed")]
    [InlineData(0, 0, nameof(MetricOutcome.Passed), "RequestLatency_P95 is 0, and 0 for the deployment in service")]
    [InlineData(0.5, 0, nameof(MetricOutcome.Crossed), "RequestLatency_P95 is 0.5, and 0 for the deployment in service: only 0 is allowed, because there is no ratio to 0")]
    [InlineData(121, null, nameof(MetricOutcome.Missing), "RequestLatency_P95: no values of the deployment in service to compare with")]
    public async Task A_value_is_compared_with_the_deployment_in_service(double value, int? current, string outcome, string text)
    {
        _azure.Metrics = (_, deployment) => deployment == "new" ? [("", [value])] : current is { } other ? [("", [other])] : [];

        Assert.Equal((outcome, text), await EvaluateAsync(new() { Name = "RequestLatency_P95", MaxRatio = 1.2 }));
    }

    [Fact]
    public async Task Without_a_deployment_in_service_there_is_nothing_to_compare_with()
    {
        _azure.Metrics = (_, _) => [("", [121])];

        Assert.Equal((nameof(MetricOutcome.Passed), "RequestLatency_P95 is 121"), await EvaluateAsync(new() { Name = "RequestLatency_P95", MaxRatio = 1.2 }, current: null));
    }

    [Theory]
    [InlineData(99, 1, nameof(MetricOutcome.Passed), "RequestErrors is 1 %")]
    [InlineData(98, 2, nameof(MetricOutcome.Crossed), "RequestErrors is 2 %, at most 1 % is allowed; by minute: 2.02, 0")]
    [InlineData(10, 39, nameof(MetricOutcome.Missing), "RequestErrors: 49 requests, at least 50 are needed")]
    public async Task RequestErrors_is_the_percentage_of_failed_requests_among_all_requests_of_the_step(int good, int bad, string outcome, string text)
    {
        _azure.Metrics = (metric, deployment) => (metric, deployment) == ("RequestsPerMinute", "new") ? [("200", [good - 1, 1]), ("424", [bad])] : [];

        Assert.Equal((outcome, text), await EvaluateAsync(new() { Name = MetricThreshold.RequestErrors, MaxPercent = 1, MinRequests = 50 }));
    }

    [Fact]
    public async Task A_crossed_threshold_shows_at_most_the_last_ten_minutes_of_the_step()
    {
        _azure.Metrics = (metric, _) => metric == "RequestsPerMinute" ? [("200", [10, 5, 10]), ("424", [0, 5])] : [("", [.. Enumerable.Range(400, 12).Select(value => (double)value)])];

        Assert.Equal("RequestErrors is 16.667 %, at most 1 % is allowed; by minute: 0, 50, 0", (await EvaluateAsync(new() { Name = MetricThreshold.RequestErrors, MaxPercent = 1 })).Text);
        Assert.Equal(
            "RequestLatency_P95 is 405.5, at most 400 is allowed; the last 10 of 12 minutes: 402, 403, 404, 405, 406, 407, 408, 409, 410, 411",
            (await EvaluateAsync(new() { Name = "RequestLatency_P95", Max = 400 })).Text);
        Assert.Equal("RequestErrors is 16.667 %", (await EvaluateAsync(new() { Name = MetricThreshold.RequestErrors, MaxPercent = 20 })).Text);
    }

    [Theory]
    [InlineData("500", 50)]
    [InlineData("424", 50)]
    [InlineData("404", 0)]
    [InlineData("429", 0)]
    public async Task A_request_counts_as_failed_if_the_model_or_the_server_failed(string status, int percent)
    {
        _azure.Metrics = (_, _) => [("200", [1]), (status, [1])];

        Assert.Equal($"RequestErrors is {percent} %", (await EvaluateAsync(new() { Name = MetricThreshold.RequestErrors, MaxPercent = 100 })).Text);
    }

    [Theory]
    [InlineData(MissingData.Fail, nameof(MetricOutcome.Missing))]
    [InlineData(MissingData.Pass, nameof(MetricOutcome.MissingAllowed))]
    public async Task The_rule_decides_the_result_of_missing_values(MissingData noData, string outcome) =>
        Assert.Equal((outcome, "CpuUtilizationPercentage: no values"), await EvaluateAsync(new() { Name = "CpuUtilizationPercentage", Max = 1, NoData = noData }));

    private async Task<(string Outcome, string Text)> EvaluateAsync(MetricThreshold threshold, string? current = "blue")
    {
        var watch = new MetricWatch(new DeploymentMetrics(_azure), Options.Create(new DeployerOptions()));
        var span = new DeploymentSpan(TestData.Workspace, "churn-scoring", "new", TestData.Now, TestData.Now + TimeSpan.FromMinutes(5));
        var verdict = Assert.Single(await watch.EvaluateAsync([threshold], span, current, TestData.Now, TestContext.Current.CancellationToken));
        return (verdict.Outcome.ToString(), verdict.Text);
    }
}
