using System.Text.Json;
using System.Text.Json.Nodes;

using MLEvents.Rules.Plans;
using MLEvents.Tests.Services;

namespace MLEvents.Retrainer.Tests;

public sealed class RetrainingPlannerTests
{
    private readonly RetrainingPlanner _planner = TestData.Planner();

    [Fact]
    public void The_job_file_is_filled_with_rendered_inputs_tags_and_names()
    {
        var rule = TestData.Rule("""
                  pipelineJob: jobs/train.yaml
                  inputs: { target: "{{ data.targetDatasetId }}", extra: "{{ eventType }}" }
                  experimentName: "on-{{ eventType }}"
                  displayName: "Retrain for {{ id }}"
                  tags: { trigger: "{{ id }}" }
            """);

        var request = _planner.CreateRequest(rule, "v1", TestData.Drift());

        var plan = Assert.IsType<JobPlan>(request.Plan("id").Plan);
        var expected = JsonNode.Parse("""
            {
              "jobType": "Pipeline",
              "experimentName": "on-DatasetDriftDetected",
              "displayName": "Retrain for drift-1",
              "tags": { "purpose": "retraining", "trigger": "drift-1" },
              "inputs": {
                "target": { "jobInputType": "literal", "value": "ds-1" },
                "seed": { "jobInputType": "literal", "value": "7" },
                "extra": { "jobInputType": "literal", "value": "DatasetDriftDetected" }
              }
            }
            """);
        Assert.True(JsonNode.DeepEquals(expected, plan.Job), plan.Job.ToJsonString());
        Assert.Equal(SampleEvents.Workspace, plan.WorkspaceId);
        Assert.Equal(("train", "v1", null), (request.Rule, request.RuleVersion, request.Plan("id").Fault));
    }

    [Fact]
    public void A_rule_with_once_dataset_uses_the_dataset_as_deduplication_key()
    {
        var rule = TestData.Rule("      pipelineJob: jobs/train.yaml\n    once: dataset\n");

        Assert.Equal("""dataset=["ds-1"]""", _planner.CreateRequest(rule, "v1", TestData.Drift()).DeduplicationKey);
    }

    [Fact]
    public void The_workspace_of_the_rule_takes_precedence_over_the_workspace_of_the_event()
    {
        var other = SampleEvents.Workspace.Replace("workspaces/ml-local", "workspaces/training", StringComparison.Ordinal);
        var rule = TestData.Rule($"""
                  pipelineJob: jobs/train.yaml
                  workspace: {other}
            """);

        var request = _planner.CreateRequest(rule, "v1", TestData.Drift());

        Assert.Equal(other, Assert.IsType<JobPlan>(request.Plan("id").Plan).WorkspaceId);
    }

    [Fact]
    public void An_event_without_a_workspace_gives_a_fault_that_names_the_missing_key()
    {
        var rule = TestData.Rule("      pipelineJob: jobs/train.yaml");

        var request = _planner.CreateRequest(rule, "v1", TestData.Drift() with { Source = "/elsewhere" });

        Assert.Contains("/elsewhere", request.Plan("id").Fault, StringComparison.Ordinal);
        Assert.Contains("run.workspace", request.Plan("id").Fault, StringComparison.Ordinal);
    }

    [Fact]
    public void A_value_that_the_event_does_not_have_gives_a_fault_that_names_the_input()
    {
        var rule = TestData.Rule("""
                  pipelineJob: jobs/train.yaml
                  inputs: { target: "{{ data.targetDatasetId }}" }
            """);

        var request = _planner.CreateRequest(rule, "v1", TestData.Drift("{}"));

        Assert.StartsWith("input 'target': ", request.Plan("id").Fault, StringComparison.Ordinal);
    }

    [Fact]
    public void A_data_factory_run_needs_no_workspace_and_gets_rendered_parameters()
    {
        var rule = TestData.Rule($$$"""
                  dataFactory: {{{TestData.Pipeline}}}
                  parameters: { coefficient: "{{ data.driftCoefficient }}" }
            """);

        var request = _planner.CreateRequest(rule, "v1", TestData.Drift() with { Source = "/elsewhere" });

        var plan = Assert.IsType<FactoryPlan>(request.Plan("id").Plan);
        Assert.Equal(TestData.Pipeline, plan.PipelineId);
        Assert.Equal("0.6", Assert.Single(plan.Parameters, parameter => parameter.Key == "coefficient").Value?.ToString());
    }

    [Fact]
    public void A_plan_is_read_regardless_of_the_order_of_its_members()
    {
        var stored = JsonSerializer.SerializeToElement(new { pipelineId = "p", parameters = new { }, kind = "dataFactory" });

        var plan = RetrainingPlan.Read(stored);

        Assert.Equal("p", Assert.IsType<FactoryPlan>(plan).PipelineId);
    }
}
