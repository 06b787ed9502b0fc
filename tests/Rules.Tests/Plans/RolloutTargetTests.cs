using MLEvents.Events;
using MLEvents.Rules.Plans;
using MLEvents.Tests.Common;

namespace MLEvents.Rules.Tests.Plans;

/// <summary>Tests which model and which target a deployment rule gives for an event.</summary>
public sealed class RolloutTargetTests
{
    private static readonly WorkflowEvent Registered = TestData.Event("""{"ModelName":"churn","modelVersion":3}""", EventTypes.ModelRegistered, "models/other:9");

    [Fact]
    public void The_target_comes_from_the_rule_and_the_event()
    {
        var target = RolloutTarget.Create(Rule("endpoint: '{{ model.name }}-scoring', tags: { id: '{{ model.id }}' }"), Registered).Plan;

        Assert.NotNull(target);
        Assert.Equal((TestData.Workspace, "churn", "3", "churn-scoring"), (target.Workspace.ArmId, target.Model.Name, target.Model.Version, target.Endpoint));
        Assert.Equal($"{TestData.Workspace}/models/churn/versions/3", target.Tags["id"]);
    }

    [Theory]
    [InlineData("models/churn:3", "churn", "3")]
    [InlineData("Models/a:b:12", "a:b", "12")]
    [InlineData("models/x:1", "x", "1")]
    [InlineData("models/:1", null, null)]
    [InlineData("models/churn:", null, null)]
    [InlineData("models/churn", null, null)]
    [InlineData("endpoints/churn:3", null, null)]
    [InlineData("models:3", null, null)]
    public void A_model_that_the_data_does_not_name_is_read_from_the_subject(string subject, string? name, string? version)
    {
        foreach (var data in (string[])["{}", """{"modelName":"","modelVersion":"1"}""", """{"modelName":"n"}"""])
        {
            var model = RegisteredModel.From(TestData.Event(data, EventTypes.ModelRegistered, subject));

            Assert.Equal((name, version), (model?.Name, model?.Version));
        }
    }

    [Theory]
    [InlineData("endpoint: '{{ data.x }}'", "endpoint: 'data.x' has no value")]
    [InlineData("endpoint: churn, tags: { a: '{{ data.x }}' }", "tag 'a': 'data.x' has no value")]
    [InlineData("endpoint: '{{ model.name }}_x'", "endpoint: 'churn_x' must be 3 to 32 letters, digits and hyphens")]
    public void A_fault_names_the_part_of_the_rule(string deploy, string fault) =>
        Assert.StartsWith(fault, RolloutTarget.Create(Rule(deploy), Registered).Fault, StringComparison.Ordinal);

    [Fact]
    public void There_is_no_target_if_neither_the_event_nor_the_rule_names_a_workspace_or_model()
    {
        Assert.Equal("'/somewhere', the event's source, is not the ARM id of a workspace; set 'deploy.workspace' in the rule.", RolloutTarget.Create(Rule("endpoint: churn"), Registered with { Source = "/somewhere" }).Fault);
        Assert.Equal(
            $"The event ({EventTypes.RunCompleted}) names no model version; set 'deploy.model' in the rule.",
            RolloutTarget.Create(Rule("endpoint: churn"), TestData.Event()).Fault);
    }

    [Fact]
    public void The_fault_for_a_report_of_an_action_names_the_source_of_the_event_that_caused_the_action()
    {
        var report = TestData.Event("""{"event":{"id":"1","type":"t","source":"/somewhere"}}""", EventTypes.ActionChanged) with { Source = "/mlevents/retrainer" };

        Assert.StartsWith("'/somewhere', the event's source, is not the ARM id of a workspace", RolloutTarget.Create(Rule("endpoint: churn"), report).Fault, StringComparison.Ordinal);
    }

    [Fact]
    public void A_request_without_a_model_is_a_fault_although_the_rule_names_a_model()
    {
        var request = TestData.Event("{}", EventTypes.RolloutRequested);

        Assert.Equal(
            "The request names no model version; set 'modelName' and 'modelVersion' in its data.",
            RolloutTarget.Create(Rule("model: churn@latest, endpoint: churn"), request).Fault);
    }

    [Theory]
    [InlineData("churn@latest", "churn", "latest", true)]
    [InlineData("azureml:churn:12", "churn", "12", false)]
    [InlineData("churn:{{ data.release }}", "churn", "7", false)]
    public void A_rule_names_the_model_for_events_that_name_no_model(string model, string name, string version, bool isLatest)
    {
        var target = RolloutTarget.Create(Rule($"model: '{model}', endpoint: churn"), TestData.Event("""{"release":7}""")).Plan;

        Assert.Equal((name, version, isLatest), (target?.Model.Name, target?.Model.Version, target?.Model.IsLatest));
    }

    [Fact]
    public void A_rendered_model_without_version_is_a_fault() =>
        Assert.Equal("model: 'x' must name a model version, such as churn:12 or churn@latest.", RolloutTarget.Create(Rule("model: '{{ data.release }}', endpoint: churn"), TestData.Event("""{"release":"x"}""")).Fault);

    [Fact]
    public void The_model_of_an_operators_request_takes_precedence_over_the_rule()
    {
        var request = Registered with { Type = EventTypes.RolloutRequested };

        Assert.Equal("3", RolloutTarget.Create(Rule("model: churn@latest, endpoint: churn"), request).Plan?.Model.Version);
    }

    [Fact]
    public void The_workspace_of_the_rule_is_used_if_the_event_source_is_not_a_workspace()
    {
        var other = TestData.Workspace + "-production";

        var target = RolloutTarget.Create(Rule($"workspace: {other}, endpoint: churn, environmentId: 'azureml:env:1'"), Registered with { Source = "/mlevents/retrainer" }).Plan;

        Assert.Equal((other, $"{other}/environments/env/versions/1"), (target?.Workspace.ArmId, target?.EnvironmentId));
    }

    private static DeploymentRule Rule(string deploy)
    {
        using var folder = new TempFolder();
        return RuleLoader.LoadDeployments(folder.Write("deployments.yaml", $"deployments:\n  - name: rule\n    when: {{ }}\n    deploy: {{ {deploy}, location: westeurope }}\n")).Rules.Single();
    }
}
