using System.Text.Json.Nodes;

using MLEvents.Events;
using MLEvents.Rules.Plans;
using MLEvents.Tests.Common;

namespace MLEvents.Rules.Tests.Jobs;

/// <summary>Rules whose job file is given as text.</summary>
internal static class JobYaml
{
    public static readonly WorkflowEvent Drift = TestData.Event("""{"target":"azureml:churn-data:9","path":"data/local","rate":"0.25","count":"12","flag":"false","text":"much"}""", EventTypes.DatasetDriftDetected);

    /// <summary>Returns the body that is submitted for a job file.</summary>
    /// <param name="job">The job file.</param>
    /// <param name="run">Further keys of <c>run</c>.</param>
    public static JsonObject Body(string job, string run = "") => Plan(job, run) is { Plan: JobPlan plan } ? plan.Job : throw new InvalidOperationException(Plan(job, run).Fault);

    /// <summary>Returns the plan of the rule, or the reason why there is none.</summary>
    public static Planned<RetrainingPlan> Plan(string job, string run = "") => RetrainingPlans.Create(Load(job, run), Drift);

    /// <summary>Returns the errors of a job file and its rule, without the path of the folder.</summary>
    public static string Errors(string job, string run = "") =>
        string.Join('\n', Assert.Throws<RuleFileException>(() => Load(job, run)).Errors.Select(error => $"{Path.GetFileName(error.File)}({error.Line},{error.Column}): {error.Message}"));

    public static void AssertEqual(string expected, JsonObject actual) =>
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(expected), actual), actual.ToString());

    private static RetrainingRule Load(string job, string run)
    {
        using var folder = new TempFolder();
        folder.Write("job.yaml", job);
        return RuleLoader.LoadRetraining(folder.Write("retraining.yaml", $"retraining:\n  - name: r\n    when: {{ }}\n    run: {{ job: job.yaml{run} }}\n")).Rules.Single();
    }
}
