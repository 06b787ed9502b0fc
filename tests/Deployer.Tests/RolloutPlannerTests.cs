using MLEvents.Rules;
using MLEvents.Rules.Plans;
using MLEvents.Rules.Rollouts;
using MLEvents.Tests.Services;

namespace MLEvents.Deployer.Tests;

public sealed class RolloutPlannerTests
{
    private const string ActionId = "0123456789abcdef0123";

    private readonly RolloutPlanner _planner = TestData.Planner();

    [Fact]
    public void The_plan_holds_the_model_the_rendered_names_and_the_rule_s_settings()
    {
        var rule = TestData.Rule("""{ endpoint: "{{ model.name }}-scoring", location: westeurope, instanceCount: 3, traffic: 20, authMode: AADToken, tags: { model: "{{ model.name }}:{{ model.version }}" } }""");

        var request = _planner.CreateRequest(rule, "v1", TestData.Registered());

        var plan = Assert.IsType<RolloutPlan>(request.Plan(ActionId).Plan);
        Assert.Equal((SampleEvents.Workspace, "churn", "3", "churn-scoring"), (plan.WorkspaceId, plan.Model, plan.Version, plan.Endpoint));
        Assert.Equal(("westeurope", "Standard_DS3_v2", 3, 20, "AADToken"), (plan.Location, plan.InstanceType, plan.InstanceCount, plan.Traffic, plan.AuthMode));
        Assert.Equal("m3-01234567", plan.Deployment);
        Assert.Equal("churn:3", plan.Tags["model"]);
        Assert.Null(request.Plan(ActionId).Fault);
    }

    [Fact]
    public void The_plan_of_a_rule_with_a_strategy_contains_the_strategy_and_is_unchanged_after_serialization()
    {
        var strategy = new RolloutStrategy
        {
            Steps = [new(10, TimeSpan.FromSeconds(90)), new(60, TimeSpan.Zero)],
            Mirror = 5,
            Verify = [new SampleCheck { Name = "s", Body = "{}", Expect = new() { JsonPath = "$", Between = new(0, 1), MaxLatency = TimeSpan.FromMilliseconds(5) } }],
            Metrics = [new MetricThreshold { Name = "RequestErrors", MaxPercent = 1, NoData = MissingData.Pass }],
            OnFailure = FailureAction.Hold,
            Keep = 1,
            RetireAfter = TimeSpan.FromHours(24),
        };

        var plan = Assert.IsType<RolloutPlan>(_planner.CreateRequest(TestData.Rule("{ endpoint: scoring, location: westeurope }") with { Strategy = strategy }, "v1", TestData.Registered()).Plan(ActionId).Plan);
        var json = plan.ToJson();

        Assert.Equal(60, plan.Traffic);
        Assert.Equal(json.GetRawText(), RolloutPlan.Read(json).ToJson().GetRawText());
        Assert.Equal(strategy.Steps, RolloutPlan.Read(json).Strategy?.Steps);
        Assert.Equal(strategy.Verify, RolloutPlan.Read(json).Strategy?.Verify);
        Assert.Contains("\"onFailure\":\"Hold\"", json.GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public void The_deployment_is_named_after_the_action_even_if_the_rule_acts_once_for_each_version()
    {
        var rule = TestData.Rule("{ endpoint: scoring, location: westeurope }") with { Once = DeduplicationKeySelector.Parse("model+version", out _) ?? DeduplicationKeySelector.Event };

        var request = _planner.CreateRequest(rule, "v1", TestData.Registered());

        Assert.Equal("""model+version=["churn","3"]""", request.DeduplicationKey);
        Assert.Equal("m3-01234567", request.Plan(ActionId).Plan?.Deployment);
    }

    [Fact]
    public void An_endpoint_name_that_azure_would_refuse_is_a_fault()
    {
        var request = _planner.CreateRequest(TestData.Rule("""{ endpoint: "{{ model.name }}", location: westeurope }"""), "v1", TestData.Registered("""{ "modelName": "my_model", "modelVersion": 1 }"""));

        Assert.StartsWith("endpoint: 'my_model' must be 3 to 32", request.Plan(ActionId).Fault, StringComparison.Ordinal);
    }

    [Fact]
    public void A_template_without_a_value_is_a_fault_that_names_its_key()
    {
        var request = _planner.CreateRequest(TestData.Rule("""{ endpoint: scoring, location: westeurope, tags: { stage: "{{ data.modelTags.stage }}" } }"""), "v1", TestData.Registered());

        Assert.StartsWith("tag 'stage': ", request.Plan(ActionId).Fault, StringComparison.Ordinal);
    }

    [Fact]
    public void An_event_without_a_model_or_a_workspace_is_a_fault()
    {
        var rule = TestData.Rule("{ endpoint: scoring, location: westeurope }");

        var noModel = _planner.CreateRequest(rule, "v1", TestData.Registered("{}"));
        var noWorkspace = _planner.CreateRequest(rule, "v1", TestData.Registered() with { Source = "/elsewhere" });

        Assert.Contains("names no model version", noModel.Plan(ActionId).Fault, StringComparison.Ordinal);
        Assert.Contains("is not the ARM id of a workspace", noWorkspace.Plan(ActionId).Fault, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{ "ModelName": "churn", "ModelVersion": 20 }""", "", "churn", "20")]
    [InlineData("""{ "modelName": "churn" }""", "models/other:1:7", "other:1", "7")]
    [InlineData("{}", "models/churn:rc-1", "churn", "rc-1")]
    public void The_model_is_read_from_the_data_or_the_subject_ignoring_the_case_of_names(string data, string subject, string name, string version)
    {
        Assert.Equal(new RegisteredModel(name, version), RegisteredModel.From(TestData.Registered(data, subject)));
    }

    [Theory]
    [InlineData("models/churn")]
    [InlineData("models/:3")]
    [InlineData("models/churn:")]
    [InlineData("endpoints/churn:3")]
    public void A_subject_that_does_not_name_a_model_version_gives_no_model(string subject)
    {
        Assert.Null(RegisteredModel.From(TestData.Registered("{}", subject)));
    }
}
