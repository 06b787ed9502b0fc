using System.Text.Json.Nodes;

using MLEvents.Ledger;
using MLEvents.Retrainer.Jobs;
using MLEvents.Rules.Plans;
using MLEvents.Tests.Services;

namespace MLEvents.Retrainer.Tests;

/// <summary>
/// An operator's retry continues a job or run that is running or has succeeded. Any other job or run starts again under another name, once in each
/// generation. A forced retry starts every job or run again.
/// </summary>
public sealed class RetryTests
{
    private static readonly JobPlan Job = new(SampleEvents.Workspace, new JsonObject { ["jobType"] = "Pipeline" });
    private static readonly FactoryPlan Factory = new(TestData.Pipeline, []);
    private readonly FakeJobs _jobs = new();
    private readonly FakePipelines _pipelines = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("Failed", false, true)]
    [InlineData("Canceled", false, true)]
    [InlineData("Running", false, false)]
    [InlineData("Completed", false, false)]
    [InlineData("Running", true, true)]
    [InlineData("Completed", true, true)]
    public async Task A_job_is_created_again_if_it_failed_or_the_retry_is_forced(string status, bool force, bool again)
    {
        var record = TestData.Record(Job);
        await TestData.Executor(_jobs).StepAsync(record, Token);
        _jobs.Become(status);
        var retried = record with { Generation = 1, IsForced = force };

        var result = await TestData.Executor(_jobs).StepAsync(retried, Token);
        await TestData.Executor(_jobs).StepAsync(retried, Token);

        string[] expected = again ? [$"mlevents-{record.Id}", $"mlevents-{record.Id}-r1"] : [$"mlevents-{record.Id}"];
        Assert.Equal(expected, _jobs.Jobs.Keys);
        Assert.Equal(expected[^1], result.State["jobName"]);
    }

    [Fact]
    public async Task A_job_that_a_retry_continues_is_followed_to_its_end()
    {
        var record = TestData.Record(Job);
        await TestData.Executor(_jobs).StepAsync(record, Token);
        var retried = record with { Generation = 2 };

        var adopted = await TestData.Executor(_jobs).StepAsync(retried, Token);
        _jobs.Become("Completed");
        var end = await TestData.Executor(_jobs).StepAsync(TestData.After(retried, adopted), Token);

        Assert.Equal($"job mlevents-{record.Id} completed", Assert.IsType<Succeeded>(end).Detail);
    }

    [Fact]
    public async Task A_retry_creates_the_job_if_it_does_not_exist()
    {
        var record = TestData.Record(Job) with { Generation = 1 };

        await TestData.Executor(_jobs).StepAsync(record, Token);

        Assert.Equal([$"mlevents-{record.Id}-r1"], _jobs.Jobs.Keys);
        Assert.Equal(record.Id, _jobs.Jobs.Values.Single()["tags"]?["mlevents.action"]?.GetValue<string>());
    }

    [Fact]
    public async Task A_retry_restarts_the_time_limit_of_a_run()
    {
        var record = TestData.Record(Job, JobSteps.Submitted) with { Generation = 1, RetriedAt = TestData.Now, CreatedAt = TestData.Now - TimeSpan.FromDays(30), State = new Dictionary<string, string> { ["jobName"] = "j" } };
        _jobs.Jobs["j"] = new JsonObject { ["status"] = "Running" };

        Assert.IsType<Continue>(await TestData.Executor(_jobs).StepAsync(record, Token));
    }

    [Theory]
    [InlineData("Failed", false, 2)]
    [InlineData("InProgress", false, 1)]
    [InlineData("Succeeded", false, 1)]
    [InlineData("Succeeded", true, 2)]
    public async Task A_data_factory_run_is_started_again_if_it_failed_or_the_retry_is_forced(string status, bool force, int runs)
    {
        var record = TestData.Record(Factory);
        await RunAsync(record);
        _pipelines.Become(status);
        var retried = record with { Generation = 1, IsForced = force };

        var result = await RunAsync(retried);
        await RunAsync(retried);

        Assert.Equal(runs, _pipelines.Runs.Count);
        Assert.Equal($"run-{runs}", result.State["runId"]);
        Assert.Equal(runs == 1 ? record.Id : $"{record.Id}-r1", _pipelines.Runs[^1].Parameters["mlevents_action"]);
    }

    [Fact]
    public void The_action_of_a_run_is_found_by_a_tag_that_also_contains_the_generation()
    {
        var news = SampleEvents.Create("RunStatusChanged", """{ "runTags": { "mlevents.action": "0123456789abcdef0123-r2" } }""");

        Assert.Equal("0123456789abcdef0123", ActionTags.ActionOf(news));
    }

    private async Task<StepResult> RunAsync(ActionRecord record)
    {
        var executor = TestData.Executor(pipelines: _pipelines);
        var intended = await executor.StepAsync(record, Token);
        return await executor.StepAsync(TestData.After(record, intended), Token);
    }
}
