using System.Text.Json.Nodes;

using Microsoft.Extensions.Time.Testing;

using MLEvents.AzureML.Errors;
using MLEvents.Ledger;
using MLEvents.Retrainer.BatchEndpoints;
using MLEvents.Retrainer.Jobs;
using MLEvents.Retrainer.Runs;
using MLEvents.Rules;
using MLEvents.Rules.Plans;
using MLEvents.Tests.Services;

namespace MLEvents.Retrainer.Tests;

/// <summary>Each run of an action starts at most one job of the endpoint, even if answers are lost.</summary>
public sealed class BatchStepsTests
{
    private static readonly AzureException Lost = new("timed out") { Code = AzureException.TimeoutCode, IsTransient = true };
    private static readonly BatchPlan Plan = new(SampleEvents.Workspace, "train", new JsonObject { ["InputData"] = new JsonObject() });
    private readonly FakeJobs _jobs = new();
    private readonly FakeTimeProvider _time = new(TestData.Now);
    private readonly FakeBatchEndpoints _endpoints;

    public BatchStepsTests() => _endpoints = new(_jobs);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_first_step_records_the_intent_and_invokes_nothing()
    {
        var result = await StepAsync(TestData.Record(Plan));

        Assert.Equal((BatchSteps.Requested, TimeSpan.Zero), (Assert.IsType<Continue>(result).Stage, Assert.IsType<Continue>(result).After));
        Assert.Empty(_endpoints.Invocations);
    }

    [Fact]
    public async Task The_invocation_names_the_action_and_its_run()
    {
        var record = await RequestedAsync(Plan with { Deployment = "blue", ActionInput = "run_id" });

        var result = await StepAsync(record);

        var (endpoint, deployment, invocation) = Assert.Single(_endpoints.Invocations);
        Assert.Equal(("train", "blue"), (endpoint, deployment));
        Assert.Equal($$"""{"JobInputType":"Literal","Value":"{{record.Id}}"}""", invocation["InputData"]?["run_id"]?.ToJsonString());
        Assert.Equal(($"mlevents-{record.Id}", record.Id, "chain-1"), (invocation["name"]?.ToString(), invocation["properties"]?["mlevents.run"]?.ToString(), invocation["tags"]?["mlevents.correlation"]?.ToString()));
        Assert.Equal((BatchSteps.Invoked, "batchjob-1"), (Assert.IsType<Continue>(result).Stage, result.State["jobName"]));
        Assert.Contains("/runs/batchjob-1", result.Links["job"].ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_job_gets_the_tags_of_the_action_and_is_followed_to_its_end()
    {
        var record = await InvokedAsync();

        var tagged = await StepAsync(record);
        _jobs.Become("Completed");
        var end = await StepAsync(TestData.After(record, tagged));

        Assert.Equal(record.Id, _jobs.Jobs["batchjob-1"]["tags"]?["mlevents.action"]?.ToString());
        Assert.Equal("job batchjob-1 completed", Assert.IsType<Succeeded>(end).Detail);
    }

    [Fact]
    public async Task The_chain_of_a_job_is_recorded_even_if_azure_refuses_the_tags_of_the_job()
    {
        var (record, chains) = (await InvokedAsync(), new FakeChains());
        _jobs.TagsRefusal = new AzureException("no") { Code = "UserError", Status = 400 };

        await TestData.Executor(_jobs, time: _time, endpoints: _endpoints, chains: chains).StepAsync(record, Token);

        var (job, chain) = Assert.Single(chains.Jobs);
        Assert.Equal((SampleEvents.Workspace, "batchjob-1"), job);
        Assert.Equal("chain-1", chain.CorrelationId);
    }

    [Fact]
    public async Task A_job_whose_tags_azure_refuses_is_followed_anyway_and_the_detail_of_the_action_names_the_reason()
    {
        var record = await InvokedAsync();
        _jobs.TagsRefusal = new AzureException("no") { Code = "UserError", Status = 400 };

        var result = await StepAsync(record);

        Assert.Equal(JobSteps.Submitted, Assert.IsType<Continue>(result).Stage);
        Assert.EndsWith("because Azure refused the tags: UserError: no", result.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_job_that_cannot_be_read_yet_is_read_again_before_it_gets_its_tags()
    {
        var record = await InvokedAsync();
        _jobs.Jobs.Clear();

        Assert.Equal("job batchjob-1 was not found; it will be read again", Assert.IsType<Retry>(await StepAsync(record)).Detail);
    }

    [Theory]
    [InlineData("name")]
    [InlineData("tags")]
    [InlineData("properties")]
    [InlineData("input")]
    public async Task After_a_lost_answer_the_job_is_found_by_any_value_of_the_invocation_that_azure_keeps(string kept)
    {
        _endpoints.Kept = [kept];
        _endpoints.Refusal = Lost;
        var record = await RequestedAsync(kept == "input" ? Plan with { ActionInput = "run_id" } : Plan);
        var lost = await StepAsync(record);
        _endpoints.Refusal = null;

        var again = await StepAsync(record with { Failures = 1 });

        Assert.Equal(TimeSpan.FromSeconds(30), Assert.IsType<Retry>(lost).After);
        Assert.Equal(BatchSteps.Invoked, Assert.IsType<Continue>(again).Stage);
        Assert.Equal(_jobs.Jobs.Keys.Single(), again.State["jobName"]);
        Assert.Single(_endpoints.Invocations);
    }

    [Fact]
    public async Task After_a_lost_answer_a_possible_job_of_the_action_prevents_a_second_invocation()
    {
        _endpoints.Refusal = Lost;
        var record = await RequestedAsync(Plan);
        await StepAsync(record);

        var result = await StepAsync(record with { Failures = 1 });

        Assert.StartsWith("the answer of batch endpoint train was lost, and batchjob-1 may be the job of this action; no second job was started.", Assert.IsType<Failed>(result).Detail, StringComparison.Ordinal);
        Assert.Single(_endpoints.Invocations);
    }

    [Theory]
    [InlineData("another endpoint")]
    [InlineData("before")]
    [InlineData("another action")]
    [InlineData("none")]
    public async Task Without_a_possible_job_of_the_action_the_endpoint_is_invoked_again(string other)
    {
        (_endpoints.Refusal, _endpoints.CreatesNothing) = (Lost, true);
        var record = await RequestedAsync(Plan);
        await StepAsync(record);
        (_endpoints.Refusal, _endpoints.CreatesNothing) = (null, false);
        if (other != "none")
        {
            _jobs.Jobs["theirs"] = new JsonObject { ["experimentName"] = other == "another endpoint" ? "score" : "train" };
            _jobs.Created["theirs"] = other == "before" ? TestData.Now - TimeSpan.FromMinutes(6) : TestData.Now;
            _jobs.Jobs["theirs"]["tags"] = other == "another action" ? new JsonObject { ["mlevents.run"] = "f00" } : null;
        }

        var result = await StepAsync(record with { Failures = 1 });

        Assert.Equal(BatchSteps.Invoked, Assert.IsType<Continue>(result).Stage);
        Assert.Equal(2, _endpoints.Invocations.Count);
    }

    [Fact]
    public async Task After_an_interruption_the_action_waits_before_it_looks_for_the_job()
    {
        _endpoints.Kept = ["tags"];
        var record = await RequestedAsync(Plan);
        await StepAsync(record);
        var invisible = _jobs.Jobs["batchjob-1"];
        _jobs.Jobs.Clear();

        var again = StepAsync(record with { Interrupted = true });
        Assert.False(again.IsCompleted);
        _jobs.Jobs["batchjob-1"] = invisible;
        _time.Advance(TimeSpan.FromSeconds(30));

        Assert.Equal("batchjob-1", Assert.IsType<Continue>(await again).State["jobName"]);
        Assert.Single(_endpoints.Invocations);
    }

    [Fact]
    public async Task A_permanent_refusal_fails_the_action()
    {
        _endpoints.Refusal = new AzureException("no such input") { Code = "UserError", Status = 400 };

        Assert.Equal("UserError: no such input", Assert.IsType<Failed>(await StepAsync(await RequestedAsync(Plan))).Detail);
    }

    [Fact]
    public async Task A_failed_job_is_followed_by_another_run_with_its_own_id()
    {
        _endpoints.Kept = ["tags", "properties"];
        var record = await SubmittedAsync(Plan with { Retry = new RetryPolicy(2, ["Failed"], TimeSpan.FromMinutes(10)) });
        _jobs.Become("Failed");

        var waiting = await StepAsync(record);
        record = TestData.After(record, waiting);
        record = TestData.After(record, await StepAsync(record));
        var second = await StepAsync(record with { Failures = 1 });

        Assert.Equal(RunAttempts.Waiting, Assert.IsType<Continue>(waiting).Stage);
        Assert.Equal("batchjob-2", second.State["jobName"]);
        Assert.Equal($"{record.Id}-a2", _endpoints.Invocations[1].Properties["properties"]?["mlevents.run"]?.ToString());
    }

    [Theory]
    [InlineData("Failed", false, 2)]
    [InlineData("Running", false, 1)]
    [InlineData("Completed", false, 1)]
    [InlineData("Running", true, 2)]
    public async Task An_operator_s_retry_invokes_the_endpoint_again_only_if_the_job_failed_or_the_retry_is_forced(string status, bool force, int invocations)
    {
        var record = await SubmittedAsync(Plan);
        _jobs.Become(status);
        var retried = record with { Stage = "", State = new Dictionary<string, string>(), Generation = 1, IsForced = force };
        retried = TestData.After(retried, await StepAsync(retried));

        await StepAsync(retried);

        Assert.Equal(invocations, _endpoints.Invocations.Count);
    }

    [Fact]
    public async Task A_job_that_takes_too_long_is_cancelled_and_followed_until_it_has_ended()
    {
        var record = await SubmittedAsync(Plan with { Timeout = TimeSpan.FromHours(1) });
        _time.Advance(TimeSpan.FromHours(1));

        var cancelling = await StepAsync(record);
        _jobs.Become("Canceled");
        var end = await StepAsync(TestData.After(record, cancelling));

        Assert.Equal(["batchjob-1"], _jobs.Cancelled);
        Assert.Equal(RunAttempts.Cancelling, Assert.IsType<Continue>(cancelling).Stage);
        Assert.Contains("Azure reports Canceled", Assert.IsType<Failed>(end).Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_operator_can_cancel_a_job_even_if_the_answer_to_its_invocation_was_lost()
    {
        _endpoints.Kept = ["tags"];
        var requested = await RequestedAsync(Plan);
        var nothing = await CancelAsync(requested);
        _endpoints.Refusal = Lost;
        await StepAsync(requested);

        var found = await CancelAsync(requested with { Failures = 1 });

        Assert.Equal((true, "no job was started"), (nothing?.IsAccepted, nothing?.Detail));
        Assert.Equal((true, "Azure accepted the cancellation of job batchjob-1"), (found?.IsAccepted, found?.Detail));
        Assert.Equal(["batchjob-1"], _jobs.Cancelled);
    }

    [Fact]
    public async Task An_operator_s_cancellation_reports_that_no_job_was_started_only_after_the_listing_delay()
    {
        (_endpoints.Refusal, _endpoints.CreatesNothing) = (Lost, true);
        var record = await RequestedAsync(Plan) with { Failures = 1, UpdatedAt = TestData.Now };
        await StepAsync(record);

        var early = await CancelAsync(record);
        _time.Advance(TimeSpan.FromSeconds(30));
        var later = await CancelAsync(record);

        Assert.False(early?.IsAccepted);
        Assert.EndsWith("Wait for 00:00:30 (Retrainer:RunListingDelay).", early?.Detail, StringComparison.Ordinal);
        Assert.Equal(new CancelAnswer(true, "no job was started"), later);
    }

    [Fact]
    public async Task An_operator_s_cancellation_of_a_job_that_is_not_readable_yet_is_refused()
    {
        var record = await InvokedAsync();
        _jobs.Jobs.Clear();

        Assert.Equal(new CancelAnswer(false, "Job batchjob-1 was not found; a job that was just created may not be readable yet."), await CancelAsync(record));
    }

    [Fact]
    public async Task A_cancellation_after_a_lost_answer_is_refused_and_names_the_possible_job_of_the_action()
    {
        _endpoints.Refusal = Lost;
        var record = await RequestedAsync(Plan);
        await StepAsync(record);

        var answer = await CancelAsync(record with { Failures = 1 });

        Assert.False(answer?.IsAccepted);
        Assert.Contains("batchjob-1 may be the job of this action", answer?.Detail, StringComparison.Ordinal);
        Assert.Empty(_jobs.Cancelled);
    }

    [Fact]
    public void The_evidence_of_an_approval_names_endpoint_deployment_and_inputs()
    {
        var plan = Plan with { Invocation = new JsonObject { ["InputData"] = new JsonObject { ["m"] = 1 }, ["properties"] = new JsonObject { ["experimentName"] = "e" } } };

        var evidence = TestData.Executor().DescribeEvidence(TestData.Record(plan), plan);

        Assert.Equal(["batchEndpoint=train", "deployment=the endpoint's default", "workspace=ml-local", """inputs={"m":1}""", "experimentName=e"], evidence.Select(entry => $"{entry.Key}={entry.Value}"));
    }

    private Retraining Executor() => TestData.Executor(_jobs, time: _time, endpoints: _endpoints);

    private Task<StepResult> StepAsync(ActionRecord record) => Executor().StepAsync(record, Token);

    private Task<CancelAnswer?> CancelAsync(ActionRecord record) => Executor().CancelAsync(record, RetrainingPlan.Read(record.Plan), Token);

    private async Task<ActionRecord> RequestedAsync(BatchPlan plan)
    {
        var record = TestData.Record(plan);
        return TestData.After(record, await StepAsync(record));
    }

    private async Task<ActionRecord> InvokedAsync(BatchPlan? plan = null)
    {
        var record = await RequestedAsync(plan ?? Plan);
        return TestData.After(record, await StepAsync(record));
    }

    private async Task<ActionRecord> SubmittedAsync(BatchPlan plan)
    {
        var record = await InvokedAsync(plan);
        return TestData.After(record, await StepAsync(record));
    }
}
