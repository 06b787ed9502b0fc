using System.Text.Json;
using System.Text.Json.Nodes;

using MLEvents.Events;
using MLEvents.Rules.Plans;
using MLEvents.Tests.Common;

namespace MLEvents.Rules.Tests.Plans;

/// <summary>The plan of a retraining rule for an event.</summary>
public sealed class RetrainingPlansTests
{
    private const string Elsewhere = "/subscriptions/2/resourceGroups/g/providers/Microsoft.MachineLearningServices/workspaces/other";
    private const string Pipeline = "/subscriptions/2/resourceGroups/g/providers/Microsoft.DataFactory/factories/f/pipelines/p";

    private static readonly WorkflowEvent Drift = TestData.Event("""{"target":"t-1"}""", EventTypes.DatasetDriftDetected);

    [Fact]
    public void A_job_has_the_content_of_its_file_and_the_additions_of_the_rule()
    {
        var plan = Job("{ pipelineJob: job.yaml, inputs: { target: '{{ data.target }}' }, tags: { why: '{{ eventType }}' }, experimentName: 'e-{{ data.target }}', displayName: 'd-{{ data.target }}' }");

        Assert.Equal(TestData.Workspace, plan.WorkspaceId);
        Assert.Equal("""{"jobInputType":"literal","value":"t-1"}""", plan.Job["inputs"]?["target"]?.ToJsonString());
        Assert.Equal(("DatasetDriftDetected", "kept", "e-t-1", "d-t-1"), (Text(plan.Job, "tags", "why"), Text(plan.Job, "tags", "of"), Text(plan.Job, "experimentName"), Text(plan.Job, "displayName")));
    }

    [Fact]
    public void Without_additions_of_the_rule_a_job_has_only_the_content_of_its_file() =>
        Assert.Equal(("file", null), (Text(Job("{ pipelineJob: job.yaml }").Job, "experimentName"), Text(Job("{ pipelineJob: job.yaml }").Job, "displayName")));

    [Fact]
    public void A_job_runs_in_the_workspace_that_the_rule_names() =>
        Assert.Equal(Elsewhere, Job($"{{ pipelineJob: job.yaml, workspace: {Elsewhere} }}").WorkspaceId);

    [Theory]
    [InlineData("{ pipelineJob: job.yaml, inputs: { in: '{{ data.x }}' } }", "input 'in': 'data.x' has no value")]
    [InlineData("{ pipelineJob: job.yaml, tags: { of: '{{ data.x }}' } }", "tag 'of': 'data.x' has no value")]
    [InlineData("{ pipelineJob: job.yaml, experimentName: '{{ data.x }}' }", "experimentName: 'data.x' has no value")]
    [InlineData("{ pipelineJob: job.yaml, displayName: '{{ data.x }}' }", "displayName: 'data.x' has no value")]
    [InlineData($"{{ dataFactory: {Pipeline}, parameters: {{ p: '{{{{ data.x }}}}' }} }}", "parameter 'p': 'data.x' has no value")]
    public void A_fault_names_the_part_of_the_rule(string run, string fault) =>
        Assert.StartsWith(fault, RetrainingPlans.Create(Rule(run), Drift).Fault, StringComparison.Ordinal);

    [Fact]
    public void An_event_without_a_workspace_needs_a_workspace_in_the_rule()
    {
        var elsewhere = Drift with { Source = "/somewhere" };

        Assert.Equal("'/somewhere', the event's source, is not the ARM id of a workspace; set 'run.workspace' in the rule.", RetrainingPlans.Create(Rule("{ pipelineJob: job.yaml }"), elsewhere).Fault);
        Assert.NotNull(RetrainingPlans.Create(Rule($"{{ pipelineJob: job.yaml, workspace: {Elsewhere} }}"), elsewhere).Plan);
    }

    [Fact]
    public void The_fault_for_a_report_of_an_action_names_the_source_of_the_event_that_caused_the_action()
    {
        var report = TestData.Event("""{"event":{"id":"1","type":"t","source":"/somewhere"}}""", EventTypes.ActionChanged) with { Source = "/mlevents/deployer" };

        Assert.StartsWith("'/somewhere', the event's source, is not the ARM id of a workspace", RetrainingPlans.Create(Rule("{ pipelineJob: job.yaml }"), report).Fault, StringComparison.Ordinal);
    }

    [Fact]
    public void A_plan_is_unchanged_after_serialization()
    {
        var plan = RetrainingPlans.Create(Rule($"{{ dataFactory: {Pipeline}, parameters: {{ p: '{{{{ data.target }}}}' }} }}"), Drift).Plan;

        var read = Assert.IsType<FactoryPlan>(RetrainingPlan.Read(plan?.ToJson() ?? default));

        Assert.Equal((Pipeline, "t-1"), (read.PipelineId, read.Parameters["p"]?.ToString()));
        Assert.Equal("The record has no plan.", Assert.Throws<JsonException>(() => RetrainingPlan.Read(JsonSerializer.SerializeToElement<object?>(null))).Message);
    }

    private static string? Text(JsonObject job, params ReadOnlySpan<string> path)
    {
        JsonNode? node = job;
        foreach (var name in path)
        {
            node = node?[name];
        }

        return (string?)node;
    }

    private static JobPlan Job(string run) => Assert.IsType<JobPlan>(RetrainingPlans.Create(Rule(run), Drift).Plan);

    private static RetrainingRule Rule(string run)
    {
        using var folder = new TempFolder();
        folder.Write("job.yaml", """
            jobType: Pipeline
            experimentName: file
            tags: { of: kept }
            jobs: {}
            """);
        return RuleLoader.LoadRetraining(folder.Write("retraining.yaml", $"retraining:\n  - name: r\n    when: {{ }}\n    run: {run}\n")).Rules.Single();
    }
}
