using System.Text.Json.Nodes;

using Microsoft.Extensions.Time.Testing;

using MLEvents.AzureML.Errors;
using MLEvents.Events;
using MLEvents.Ledger;
using MLEvents.Retrainer.Jobs;
using MLEvents.Rules.Plans;
using MLEvents.Tests.Services;

namespace MLEvents.Retrainer.Tests;

public sealed class JobStepsTests
{
    private static readonly JobPlan Plan = new(SampleEvents.Workspace, new JsonObject { ["jobType"] = "Pipeline", ["tags"] = new JsonObject { ["purpose"] = "retraining" } });
    private readonly FakeJobs _jobs = new();
    private readonly FakeTimeProvider _time = new(TestData.Now);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_first_step_submits_a_job_that_names_the_action_and_its_chain()
    {
        var record = TestData.Record(Plan);

        var result = await TestData.Executor(_jobs).StepAsync(record, Token);

        var continued = Assert.IsType<Continue>(result);
        var (name, job) = Assert.Single(_jobs.Jobs);
        Assert.Equal($"mlevents-{record.Id}", name);
        Assert.Equal((JobSteps.Submitted, TimeSpan.FromSeconds(30)), (continued.Stage, continued.After));
        Assert.Equal(name, continued.State["jobName"]);
        Assert.Contains(name, continued.Links["job"].ToString(), StringComparison.Ordinal);
        Assert.Equal(SampleEvents.Workspace, _jobs.Workspace?.ToString());
        Assert.Equal(
            $$"""{"purpose":"retraining","mlevents.correlation":"chain-1","mlevents.action":"{{record.Id}}","mlevents.rule":"train","mlevents.path":"{{Lineage.KeyOf(record.Service, "train")}}"}""",
            job["tags"]?.ToJsonString());
    }

    [Fact]
    public async Task The_chain_of_a_submitted_job_is_recorded_for_the_models_that_it_registers()
    {
        var (record, chains) = (TestData.Record(Plan), new FakeChains());

        await TestData.Executor(_jobs, chains: chains).StepAsync(record, Token);

        var (job, chain) = Assert.Single(chains.Jobs);
        Assert.Equal((SampleEvents.Workspace, $"mlevents-{record.Id}"), job);
        Assert.Equal(new JoinedChain("chain-1", Lineage.KeyOf(record.Service, "train")), chain);
    }

    [Fact]
    public async Task A_repeated_first_step_creates_no_second_job()
    {
        var executor = TestData.Executor(_jobs);

        await executor.StepAsync(TestData.Record(Plan), Token);
        await executor.StepAsync(TestData.Record(Plan), Token);

        Assert.Single(_jobs.Jobs);
    }

    [Fact]
    public async Task A_running_job_is_read_again_later()
    {
        var result = await FollowAsync("Running");

        var continued = Assert.IsType<Continue>(result);
        Assert.Equal((JobSteps.Submitted, TimeSpan.FromSeconds(30)), (continued.Stage, continued.After));
        Assert.EndsWith("is Running", result.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_completed_job_is_a_success()
    {
        var result = await FollowAsync("Completed");

        Assert.EndsWith("completed", Assert.IsType<Succeeded>(result).Detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Failed", """{ "error": { "message": "out of memory" } }""", "out of memory")]
    [InlineData("Failed", """{ "error": { "error": { "message": "no such data" } } }""", "no such data")]
    [InlineData("Failed", """{ "services": { "Studio": { "errorMessage": null }, "Tracking": { "errorMessage": "gone" } } }""", "gone")]
    [InlineData("Failed", "{}", "the job contains no reason")]
    [InlineData("Canceled", """{ "statusMessage": "by ann" }""", "by ann")]
    public async Task A_job_that_did_not_complete_fails_the_action_with_its_reason(string status, string more, string reason)
    {
        var result = await FollowAsync(status, more);

        var detail = Assert.IsType<Failed>(result).Detail;
        Assert.Contains($"ended as {status}: {reason}", detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_job_that_no_longer_exists_fails_the_action()
    {
        var result = await TestData.Executor(_jobs).StepAsync(TestData.Record(Plan, JobSteps.Submitted), Token);

        Assert.Contains("no longer exists", Assert.IsType<Failed>(result).Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_transient_refusal_is_retried_after_the_wait_that_azure_requests()
    {
        _jobs.Refusal = new AzureException("slow down") { Code = "TooManyRequests", IsTransient = true, RetryAfter = TimeSpan.FromSeconds(17) };

        var result = await TestData.Executor(_jobs).StepAsync(TestData.Record(Plan), Token);

        Assert.Equal(TimeSpan.FromSeconds(17), Assert.IsType<Retry>(result).After);
    }

    [Fact]
    public async Task A_permanent_refusal_fails_the_action_with_code_message_and_request_id()
    {
        _jobs.Refusal = new AzureException("the environment does not exist") { Code = "UserError", Status = 400, RequestId = "req-7" };

        var result = await TestData.Executor(_jobs).StepAsync(TestData.Record(Plan), Token);

        Assert.Equal("UserError: the environment does not exist (request id req-7)", Assert.IsType<Failed>(result).Detail);
    }

    private async Task<StepResult> FollowAsync(string status, string more = "{}")
    {
        var executor = TestData.Executor(_jobs, time: _time);
        var record = TestData.Record(Plan);
        var submitted = TestData.After(record, await executor.StepAsync(record, Token));
        _jobs.Become(status, more);
        return await executor.StepAsync(submitted, Token);
    }
}
