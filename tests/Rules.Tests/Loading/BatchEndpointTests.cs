using System.Text.Json.Nodes;

using MLEvents.Events;
using MLEvents.Rules.Plans;
using MLEvents.Tests.Common;

namespace MLEvents.Rules.Tests.Loading;

/// <summary>Rules that invoke a batch endpoint: their keys, their errors, and the resulting invocations.</summary>
public sealed class BatchEndpointTests
{
    private const string Elsewhere = "/subscriptions/2/resourceGroups/g/providers/Microsoft.MachineLearningServices/workspaces/other";
    private static readonly WorkflowEvent Drift = TestData.Event("""{"target":"t-1","coefficient":0.6,"folder":"x"}""", EventTypes.DatasetDriftDetected);

    [Fact]
    public void The_invocation_has_the_form_of_the_rest_api()
    {
        var plan = Plan("""
            { batchEndpoint: 'churn-{{ data.target }}', deployment: blue, actionInput: run_id, experimentName: 'e-{{ data.target }}',
              inputs: { monitor: '{{ data.target }}', seed: 7, fresh: true, rate: { type: number, value: '{{ data.coefficient }}' }, mode: { type: string, default: append },
                        raw: { path: 'azureml:churn:{{ data.coefficient }}' }, file: { type: uri_file, path: https://example.com/a.csv } },
              outputs: { model: { path: azureml://datastores/workspaceblobstore/paths/models/churn } } }
            """);

        Assert.Equal((TestData.Workspace, "churn-t-1", "blue", "run_id", "e-t-1"), (plan.WorkspaceId, plan.Endpoint, plan.Deployment, plan.ActionInput, plan.ExperimentName));
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse($$"""
            {
              "InputData": {
                "monitor": { "JobInputType": "Literal", "Value": "t-1" },
                "seed": { "JobInputType": "Literal", "Value": "7" },
                "fresh": { "JobInputType": "Literal", "Value": "True" },
                "rate": { "JobInputType": "Literal", "Value": "0.6" },
                "mode": { "JobInputType": "Literal", "Value": "append" },
                "raw": { "JobInputType": "UriFolder", "Uri": "{{TestData.Workspace}}/data/churn/versions/0.6" },
                "file": { "JobInputType": "UriFile", "Uri": "https://example.com/a.csv" }
              },
              "OutputData": { "model": { "JobOutputType": "UriFolder", "Uri": "azureml://datastores/workspaceblobstore/paths/models/churn" } },
              "properties": { "experimentName": "e-t-1" }
            }
            """), plan.Invocation), plan.Invocation.ToJsonString());
    }

    [Fact]
    public void A_rule_with_only_an_endpoint_and_a_workspace_invokes_the_default_deployment_in_this_workspace_without_inputs()
    {
        var plan = Plan($"{{ batchEndpoint: train, workspace: {Elsewhere} }}");

        Assert.Equal((Elsewhere, null, null, null, """{"InputData":{}}"""), (plan.WorkspaceId, plan.Deployment, plan.ActionInput, plan.ExperimentName, plan.Invocation.ToJsonString()));
    }

    [Fact]
    public void A_plan_is_unchanged_after_serialization()
    {
        var plan = Plan("{ batchEndpoint: train, deployment: blue, actionInput: run_id, inputs: { a: 1 } }");

        var read = Assert.IsType<BatchPlan>(RetrainingPlan.Read(plan.ToJson()));

        Assert.Equal(("train", "blue", "run_id", plan.Invocation.ToJsonString()), (read.Endpoint, read.Deployment, read.ActionInput, read.Invocation.ToJsonString()));
    }

    [Theory]
    [InlineData("inputs: { a: '{{ data.x }}' }", "input 'a': 'data.x' has no value")]
    [InlineData("inputs: { a: { type: integer, value: '{{ data.coefficient }}' } }", "input 'a' must be a whole number, not '0.6'")]
    [InlineData("inputs: { a: { path: '{{ data.folder }}' } }", "input 'a' is a uri_folder: 'x' is a local path")]
    [InlineData("outputs: { a: { path: '{{ data.x }}' } }", "output 'a': 'data.x' has no value")]
    [InlineData("experimentName: '{{ data.x }}'", "experimentName: 'data.x' has no value")]
    [InlineData("deployment: '{{ data.x }}'", "deployment: 'data.x' has no value")]
    [InlineData("deployment: \"{{ '' }}\"", "deployment renders to an empty text")]
    public void A_fault_names_the_part_of_the_rule(string key, string fault) =>
        Assert.StartsWith(fault, RetrainingPlans.Create(Rule($"{{ batchEndpoint: train, {key} }}"), Drift).Fault, StringComparison.Ordinal);

    [Theory]
    [InlineData("inputs: { a: { type: mltable, path: azureml:a:1 } }", "'type' must be one of uri_folder, uri_file, string, integer, number, boolean, not 'mltable'")]
    [InlineData("inputs: { a: { type: string } }", "'a' needs a 'value'")]
    [InlineData("inputs: { a: { type: uri_file } }", "'a' needs a 'path'")]
    [InlineData("inputs: { a: { type: integer, value: x } }", "'a' must be a whole number, not 'x'")]
    [InlineData("inputs: { a: { path: data/local } }", "'a' is a uri_folder: 'data/local' is a local path")]
    [InlineData("inputs: { a: [1] }", "'a' must be a mapping with 'type' and 'path', or, for an input, a literal value")]
    [InlineData("outputs: { a: x }", "'a' must be a mapping with 'type' and 'path', or, for an input, a literal value")]
    [InlineData("outputs: { a: { type: string, path: x } }", "'type' must be one of uri_folder, uri_file, not 'string'")]
    [InlineData("outputs: { a: {} }", "'a' needs a 'path'")]
    [InlineData("inputs: { a-b: 1 }", "'a-b' is not a valid name of an input or output; expected letters, digits and underscores")]
    [InlineData("actionInput: a-b", "'a-b' is not a valid name of an input or output; expected letters, digits and underscores")]
    [InlineData("inputs: { a: 1 }, actionInput: a", "the input 'a' has a value already; remove the value or name another input, because the input in 'actionInput' receives the id of the run")]
    [InlineData("inputs: { a: { path: azureml:a:1, mode: download } }", "unknown key 'mode'")]
    [InlineData("inputs: { a: '{{ foo }}' }", "unknown variable 'foo'")]
    [InlineData("parameters: {}", "unknown key 'parameters'")]
    [InlineData("displayName: x", "unknown key 'displayName'")]
    public void A_wrong_run_is_refused(string key, string expected)
    {
        using var folder = new TempFolder();
        var file = folder.Write("retraining.yaml", $"retraining:\n  - name: r\n    when: {{ }}\n    run: {{ batchEndpoint: train, {key} }}\n");

        var errors = Assert.Throws<RuleFileException>(() => RuleLoader.LoadRetraining(file)).Errors;

        Assert.Contains(errors, error => error.Message.Contains(expected, StringComparison.Ordinal));
    }

    private static BatchPlan Plan(string run) => Assert.IsType<BatchPlan>(RetrainingPlans.Create(Rule(run), Drift).Plan);

    private static RetrainingRule Rule(string run)
    {
        using var folder = new TempFolder();
        return RuleLoader.LoadRetraining(folder.Write("retraining.yaml", $"retraining:\n  - name: r\n    when: {{ }}\n    run: {run.ReplaceLineEndings(" ")}\n")).Rules.Single();
    }
}
