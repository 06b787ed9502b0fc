using System.Text.Json.Nodes;

using Azure.Core;

using Microsoft.Extensions.Time.Testing;

using MLEvents.AzureML.Errors;
using MLEvents.AzureML.Jobs;
using MLEvents.Events;
using MLEvents.Tests.Common;
using MLEvents.Tests.Services;

namespace MLEvents.Retrainer.Tests;

/// <summary>The data that the jobs of a v2 model monitor add to the event of a breach.</summary>
public sealed class MonitorJobsTests
{
    private const string Breach = "The signal 'churn_data_drift' has failed due to one or more features violating metric thresholds.";
    private readonly FakeJobs _jobs = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("parentJobName")]
    [InlineData("azureml.pipelinerunid")]
    public async Task The_inputs_of_the_parent_jobs_name_the_monitor_and_its_data(string parent)
    {
        Put("step", $$$"""{ {{{(parent == "parentJobName" ? "\"parentJobName\": \"signal\"" : "\"properties\": { \"azureml.pipelinerunid\": \"signal\" }")}}}, "inputs": { "baseline_data": { "jobInputType": "mltable", "uri": "${{parent.inputs.baseline_data}}" } } }""");
        Put("signal", """
            { "parentJobName": "monitor", "inputs": {
              "baseline_data": { "jobInputType": "mltable", "uri": "azureml:churn-training:3" }, "target_data": { "jobInputType": "mltable", "uri": "azureml:churn-scored:1" } } }
            """);
        Put("monitor", """{ "inputs": { "monitor_name": { "jobInputType": "literal", "value": "churn" } } }""");

        var detailed = await TestData.Monitors(_jobs).AddAsync(Event("step"), Token);

        Assert.Equal(new MonitorJob { Monitor = "churn", BaselineDataset = "azureml:churn-training:3", TargetDataset = "azureml:churn-scored:1" }, detailed.MonitorJob);
        Assert.Equal(SampleEvents.Workspace, _jobs.Workspace?.ToString());
    }

    [Fact]
    public async Task A_cycle_of_parent_jobs_ends_the_search()
    {
        Put("step", """{ "parentJobName": "step" }""");

        Assert.Equal(new MonitorJob(), (await TestData.Monitors(_jobs).AddAsync(Event("step"), Token)).MonitorJob);
    }

    [Fact]
    public async Task A_refusal_by_azure_leaves_the_event_unchanged()
    {
        Put("step", "{}");
        _jobs.Refusal = new AzureException("Jobs_Get: 403") { Operation = "Jobs_Get", Status = 403 };
        var happened = Event("step");

        Assert.Same(happened, await TestData.Monitors(_jobs).AddAsync(happened, Token));
    }

    [Fact]
    public async Task The_wait_for_an_answer_has_a_time_limit()
    {
        var (time, silent, happened) = (new FakeTimeProvider(TestData.Now), new SilentJobs(), Event("step"));
        var adding = TestData.Monitors(silent, time).AddAsync(happened, Token);
        await silent.IsAsked;

        time.Advance(TimeSpan.FromSeconds(2));

        Assert.Same(happened, await adding);
    }

    [Fact]
    public async Task No_job_is_read_for_an_event_without_a_breach_or_without_a_workspace_or_if_MonitorJobWait_is_zero()
    {
        Put("step", "{}");
        var other = SampleEvents.Create("RunStatusChanged", """{ "runId": "step", "runTags": {} }""");

        Assert.Null((await TestData.Monitors(_jobs).AddAsync(other, Token)).MonitorJob);
        Assert.Null((await TestData.Monitors(_jobs, options: new RetrainerOptions { MonitorJobWait = TimeSpan.Zero }).AddAsync(Event("step"), Token)).MonitorJob);
        Assert.Null((await TestData.Monitors(_jobs).AddAsync(Event("step") with { Source = "/elsewhere" }, Token)).MonitorJob);
        Assert.Null(_jobs.Workspace);
    }

    private static WorkflowEvent Event(string run) =>
        SampleEvents.Create("RunStatusChanged", new JsonObject { ["runId"] = run, ["runTags"] = new JsonObject { [Drift.BreachTag] = Breach } }.ToJsonString());

    private void Put(string name, string properties) => _jobs.Jobs[name] = JsonNode.Parse(properties)!.AsObject();

    private sealed class SilentJobs : IJobs
    {
        private readonly TaskCompletionSource _asked = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task IsAsked => _asked.Task;

        public async Task<Job?> GetAsync(ResourceIdentifier workspace, string name, CancellationToken cancellationToken)
        {
            _asked.TrySetResult();
            await Never.CompletesAsync(cancellationToken);
            return null;
        }

        public Task<Job> GetOrCreateAsync(ResourceIdentifier workspace, string name, JsonObject properties, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task CancelAsync(ResourceIdentifier workspace, string name, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<IReadOnlyList<Job>> ListAsync(ResourceIdentifier workspace, DateTimeOffset createdSince, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<bool> AddTagsAsync(ResourceIdentifier workspace, string name, IReadOnlyDictionary<string, string> tags, CancellationToken cancellationToken) => throw new NotSupportedException();
    }
}
