using System.Text.Json.Nodes;

using Azure.Core;

using MLEvents.AzureML.Errors;
using MLEvents.AzureML.Jobs;
using MLEvents.AzureML.Models;
using MLEvents.Deployer.Steps;
using MLEvents.Ledger;
using MLEvents.Rules.Rollouts;
using MLEvents.Tests.Services;

namespace MLEvents.Deployer.Tests;

/// <summary>The rule's conditions on the model, which are checked when the roll-out begins.</summary>
public sealed class ModelGateTests
{
    private static readonly ModelGate Production = new()
    {
        Tags = new Dictionary<string, IReadOnlyList<string>> { ["stage"] = ["production", "prod"] },
        Properties = new Dictionary<string, IReadOnlyList<string>> { ["team"] = ["growth"] },
        Stages = ["Production"],
    };

    private readonly FakeAzure _azure = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_roll_out_of_a_model_that_meets_the_conditions_continues()
    {
        _azure.Model = Model("3", tags: ("stage", "PROD"), properties: ("team", "growth")) with { Stage = "production" };

        Assert.Equal(Stages.EndpointCreating, Assert.IsType<Continue>(await BeginAsync(Production)).Stage);
    }

    [Theory]
    [InlineData("staging", "growth", "Production", "model churn:3 has tag stage 'staging', and the rule asks for production or prod")]
    [InlineData("prod", "other", "Production", "model churn:3 has property team 'other', and the rule asks for growth")]
    [InlineData("prod", "growth", null, "model churn:3 is in stage '', and the rule asks for Production")]
    public async Task A_model_that_does_not_meet_a_condition_is_skipped_with_the_difference(string tag, string property, string? stage, string reason)
    {
        _azure.Model = Model("3", tags: ("stage", tag), properties: ("team", property)) with { Stage = stage };

        Assert.StartsWith(reason, Assert.IsType<Skipped>(await BeginAsync(Production)).Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_reason_names_a_missing_tag()
    {
        _azure.Model = Model("3");

        Assert.StartsWith("model churn:3 has no tag stage, and the rule asks for production or prod", Assert.IsType<Skipped>(await BeginAsync(Production)).Detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("0.85", null)]
    [InlineData("0.79", "auc of model churn:3 is 0.79, at least 0.8 is needed")]
    [InlineData("0.99", "auc of model churn:3 is 0.99, at most 0.95 is allowed")]
    public async Task A_metric_must_be_within_its_bounds(string value, string? fault)
    {
        _azure.Model = Model("3", properties: ("metrics.auc", value));

        var result = await BeginAsync(Metric(new() { Name = "auc", Min = 0.8, Max = 0.95 }));

        Assert.Equal(fault, result is Continue ? null : Assert.IsType<Skipped>(result).Detail);
    }

    [Theory]
    [InlineData("properties")]
    [InlineData("tags")]
    public async Task The_job_of_the_model_can_contain_the_metric(string place)
    {
        _azure.Model = Model("3") with { JobName = "train-3" };
        _azure.Jobs["train-3"] = Job(place, "auc", "0.9");

        Assert.IsType<Continue>(await BeginAsync(Metric(new() { Name = "auc", Min = 0.8 })));
    }

    [Theory]
    [InlineData(0.9, null)]
    [InlineData(0.7, "auc of model churn:3 is 0.7, at least 0.8 is needed")]
    public async Task The_gate_also_reads_a_metric_that_the_run_of_the_model_logged(double value, string? fault)
    {
        _azure.Model = Model("3") with { JobName = "train-3" };
        _azure.LoggedMetrics = run => run == "train-3" ? new Dictionary<string, double> { ["auc"] = value } : null;

        var result = await BeginAsync(Metric(new() { Name = "auc", Min = 0.8 }));

        Assert.Equal(fault, result is Continue ? null : Assert.IsType<Skipped>(result).Detail);
    }

    [Fact]
    public async Task The_model_in_service_is_compared_by_the_metrics_that_its_run_logged()
    {
        InService(null);
        _azure.Models["2"] = Model("2") with { JobName = "train-2" };
        _azure.Model = Model("3", properties: ("auc", "0.8"));
        _azure.LoggedMetrics = run => run == "train-2" ? new Dictionary<string, double> { ["auc"] = 0.9 } : null;

        Assert.Equal(
            "auc of model churn:3 is 0.8, but that of the model in service (churn:2 in blue) is 0.9; the rule allows a difference of 0.01",
            Assert.IsType<Skipped>(await BeginAsync(Metric(new() { Name = "auc", NotWorseThanCurrent = 0.01 }))).Detail);
    }

    [Fact]
    public async Task The_evidence_says_why_the_metrics_are_not_known()
    {
        InService("0.9");
        _azure.Model = Model("3") with { JobName = "train-3" };
        _azure.LoggedMetrics = _ => throw new AzureException("busy") { Operation = "MlflowRuns_Get", Status = 503, IsTransient = true };
        var plan = TestData.Plan with { Gate = Metric(new() { Name = "auc", Min = 0.8 }) };

        var evidence = await TestData.Work(_azure).ReadEvidenceAsync(TestData.Record(plan), plan, Token);

        Assert.Equal(["metrics", "traffic after the first step", "traffic now"], evidence.Keys.Order());
        Assert.StartsWith("not known: ", evidence["metrics"], StringComparison.Ordinal);
        Assert.Contains("busy", evidence["metrics"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task While_azure_does_not_answer_the_evidence_says_why_its_values_are_not_known()
    {
        _azure.Refusal = new AzureException("busy") { Operation = "OnlineEndpoints_Get", Status = 503, IsTransient = true };
        var plan = TestData.Plan with { Gate = Metric(new() { Name = "auc", Min = 0.8 }) };

        var evidence = await TestData.Work(_azure).ReadEvidenceAsync(TestData.Record(plan), plan, Token);

        Assert.Equal(["metrics", "traffic now"], evidence.Keys.Order());
        Assert.All(evidence.Values, text => Assert.Matches("^not known: .*busy", text));
    }

    [Fact]
    public async Task The_tracking_server_is_not_called_for_metrics_that_the_model_contains()
    {
        _azure.Model = Model("3", properties: ("auc", "0.9")) with { JobName = "train-3" };
        _azure.LoggedMetrics = _ => throw new InvalidOperationException("The tracking server was called.");

        Assert.IsType<Continue>(await BeginAsync(Metric(new() { Name = "auc", Min = 0.8 })));
    }

    [Fact]
    public async Task A_tracking_server_that_refuses_the_identity_fails_the_action_with_its_error()
    {
        _azure.Model = Model("3") with { JobName = "train-3" };
        _azure.LoggedMetrics = _ => throw new AzureException("no right") { Operation = "MlflowRuns_Get", Status = 403, Code = "Forbidden" };

        Assert.Contains("no right", (await BeginAsync(Metric(new() { Name = "auc", Min = 0.8 }))).Detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("good")]
    public async Task A_metric_that_is_missing_or_not_a_number_fails_the_action(string? value)
    {
        _azure.Model = value is null ? Model("3") : Model("3", properties: ("auc", value));

        Assert.StartsWith("model churn:3 has no number 'auc' (or 'metrics.auc')", Assert.IsType<Failed>(await BeginAsync(Metric(new() { Name = "auc", Min = 0.8 }))).Detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("0.895", MetricDirection.Higher, true)]
    [InlineData("0.88", MetricDirection.Higher, false)]
    [InlineData("0.905", MetricDirection.Lower, true)]
    [InlineData("0.92", MetricDirection.Lower, false)]
    public async Task A_model_may_be_worse_than_the_model_in_service_by_the_allowed_difference(string value, MetricDirection better, bool passes)
    {
        InService("0.9");
        _azure.Model = Model("3", properties: ("auc", value));

        var result = await BeginAsync(Metric(new() { Name = "auc", NotWorseThanCurrent = 0.01, Better = better }));

        Assert.Equal(passes, result is Continue);
        Assert.True(passes || result is Skipped { Detail: { } detail } && detail == $"auc of model churn:3 is {value}, but that of the model in service (churn:2 in blue) is 0.9; the rule allows a difference of 0.01", result.Detail);
    }

    [Fact]
    public async Task The_gate_passes_without_a_model_in_service_and_the_action_fails_if_the_model_in_service_lacks_the_metric()
    {
        _azure.Model = Model("3", properties: ("auc", "0.9"));
        var gate = Metric(new() { Name = "auc", NotWorseThanCurrent = 0 });

        Assert.IsType<Continue>(await BeginAsync(gate));
        InService(null);

        Assert.StartsWith("the model in service (churn:2 in blue) has no number 'auc'", Assert.IsType<Failed>(await BeginAsync(gate)).Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_forced_retry_skips_the_gate()
    {
        _azure.Model = Model("3");
        var plan = TestData.Plan with { Gate = Production };

        Assert.IsType<Continue>(await TestData.Work(_azure).StepAsync(TestData.Record(plan) with { IsForced = true }, Token));
    }

    private static ModelGate Metric(ModelMetric metric) => new() { Metrics = [metric] };

    private void InService(string? auc)
    {
        _azure.HasEndpoint("Succeeded", ("blue", 100));
        _azure.HasDeployment("blue", version: "2");
        _azure.Models["2"] = auc is null ? Model("2") : Model("2", properties: ("auc", auc));
    }

    private Task<StepResult> BeginAsync(ModelGate gate) => TestData.Work(_azure).StepAsync(TestData.Record(TestData.Plan with { Gate = gate }), Token);

    private static ModelVersion Model(string version, (string Name, string Value)? tags = null, (string Name, string Value)? properties = null) => new(
        new ResourceIdentifier($"{SampleEvents.Workspace}/models/churn/versions/{version}"), "churn", version, "mlflow_model", Map(tags), Map(properties), null);

    private static Job Job(string place, string name, string value)
    {
        var values = new JsonObject { [name] = value };
        return new("train-3", "Completed", true, null, place == "tags" ? Map((name, value)) : Map(null), new JsonObject { ["properties"] = place == "properties" ? values : [] });
    }

    private static Dictionary<string, string> Map((string Name, string Value)? entry) => entry is var (name, value) ? new() { [name] = value } : [];
}
