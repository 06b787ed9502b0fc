using System.Net;
using System.Text.Json.Nodes;

using MLEvents.EndToEnd.Running;
using MLEvents.Tests.Common;

namespace MLEvents.EndToEnd;

[Collection(EnvironmentGroup.Name)]
public sealed class RetrainingTests(RunningEnvironment environment)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Drift_delivered_ten_times_starts_one_training_and_ends_with_one_mail_about_the_new_model()
    {
        var drift = Events.Drift("churn-drift");
        var id = drift.Id();

        Assert.Equal(HttpStatusCode.OK, (await environment.Ingress.DeliverAsync(Token, Enumerable.Repeat(drift, 5))).Status);
        var repeats = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => environment.Ingress.DeliverAsync(Token, drift)));
        var mails = await environment.Simulator.MailsAsync(id, 2, Token);

        Assert.All(repeats, answer => Assert.Equal(HttpStatusCode.OK, answer.Status));
        Assert.Collection(
            mails,
            mail => Assert.StartsWith("DatasetDriftDetected in ml-local", mail.Subject, StringComparison.Ordinal),
            mail => Assert.StartsWith("ModelDeployed in ml-local", mail.Subject, StringComparison.Ordinal));
        var job = Assert.Single(await environment.Simulator.JobsAsync(id, Token));
        Assert.Equal((string?)drift["data"]?["targetDatasetId"], (string?)job["properties"]?["inputs"]?["target"]?["value"]);
        var model = Assert.Single(await environment.Simulator.ListAsync("models", Token), model => (string?)model["properties"]?["jobName"] == (string?)job["name"]);
        Assert.False(model.HasTag(id, "properties", "tags"), "The simulator copied the tags of a job to its model. Azure does not.");
        var deployment = Assert.Single(await environment.Simulator.ListAsync("deployments", Token), deployment => deployment.HasTag(id, "tags"));
        Assert.Contains($"/churn/versions/{(string?)model["name"]}", (string?)deployment["properties"]?["model"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_breach_seen_by_a_v2_monitor_starts_a_job_and_an_alert()
    {
        var monitor = $"breach-{Guid.NewGuid():N}"[..20];

        await environment.Simulator.SimulateAsync("monitor-breach", new JsonObject { ["monitor"] = monitor, ["signal"] = "data_drift" }, Token);
        var mail = (await Poll.UntilAsync(
            async token => (await environment.Simulator.MailsAsync(null, token)).Where(mail => mail.Text?.Contains(monitor, StringComparison.Ordinal) == true).ToList(),
            found => found.Count > 0,
            Token))[0];
        var correlation = Assert.IsType<string>(mail.Correlation);
        var submitted = await environment.Simulator.FindEntryAsync("job.NotStarted", correlation, Token);

        Assert.Contains("violating metric thresholds", mail.Text, StringComparison.Ordinal);
        var job = Assert.Single(await environment.Simulator.JobsAsync(correlation, Token));
        Assert.Equal(submitted.Subject, (string?)job["name"]);
        Assert.Equal("churn-latest", (string?)job["properties"]?["inputs"]?["target"]?["value"]);
        Assert.Single(await environment.Simulator.MailsAsync(correlation, Token));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Drift_of_a_sales_monitor_starts_one_factory_run_even_if_the_answer_of_the_factory_is_lost(bool answerIsLost)
    {
        var drift = Events.Drift($"sales-{Guid.NewGuid():N}", 0.5);
        if (answerIsLost)
        {
            await environment.Simulator.FaultAsync(new JsonObject { ["operation"] = "Pipelines_CreateRun", ["status"] = 500, ["when"] = "after", ["count"] = 1 }, Token);
        }

        await environment.Ingress.DeliverAsync(Token, drift);
        var runs = await Poll.UntilAsync(
            async token => (await environment.Simulator.ListAsync("factoryRuns", token)).Where(run => (string?)run["parameters"]?["mlevents_correlation"] == drift.Id()).ToList(),
            found => found.Exists(run => (string?)run["status"] == "Succeeded"),
            Token);

        var run = Assert.Single(runs);
        Assert.Equal("retrain-sales", (string?)run["pipelineName"]);
        Assert.Equal((string?)drift["data"]?["dataDriftName"], (string?)run["parameters"]?["monitor"]);
        Assert.Equal("0.5", (string?)run["parameters"]?["coefficient"]);
        Assert.Empty(await environment.Simulator.JobsAsync(drift.Id(), Token));
        // If the answer was lost, the call with the fault is still the last call, because the retrainer found the run and did not start another run.
        Assert.Equal(answerIsLost, (await environment.Simulator.CallsAsync("Pipelines_CreateRun", Token)) is [.., JsonObject last] && last["fault"] is not null);
    }
}
