using System.Text.Json.Nodes;

using Microsoft.Extensions.Time.Testing;

using MLEvents.AzureML.Errors;
using MLEvents.Events;
using MLEvents.Ledger;
using MLEvents.Retrainer.Runs;
using MLEvents.Rules;
using MLEvents.Rules.Plans;
using MLEvents.Tests.Services;

namespace MLEvents.Retrainer.Tests;

/// <summary>Failed runs are started again as the rule's <c>retry</c> specifies, and runs that take too long are cancelled.</summary>
public sealed class RunAttemptsTests
{
    private static readonly RetryPolicy Twice = new(2, ["Failed"], TimeSpan.FromMinutes(10));
    private readonly FakeJobs _jobs = new();
    private readonly FakePipelines _pipelines = new();
    private readonly FakeTimeProvider _time = new(TestData.Now);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_failed_job_is_started_again_under_another_name_and_each_error_is_kept()
    {
        var record = await StepAsync(TestData.Record(Job(Twice)));
        _jobs.Become("Failed", """{ "error": { "message": "out of memory" } }""");

        var waiting = await ResultAsync(record);
        record = await StepAsync(TestData.After(record, waiting));
        _jobs.Jobs[$"mlevents-{record.Id}-a2"]["status"] = "Failed";
        var end = await ResultAsync(record);

        Assert.Equal((RunAttempts.Waiting, TimeSpan.FromMinutes(10)), (Assert.IsType<Continue>(waiting).Stage, Assert.IsType<Continue>(waiting).After));
        Assert.Equal($"job mlevents-{record.Id} ended as Failed: out of memory; run 2 of 2 starts in 00:10:00", waiting.Detail);
        Assert.Equal([$"mlevents-{record.Id}", $"mlevents-{record.Id}-a2"], _jobs.Jobs.Keys);
        Assert.EndsWith("(run 2 of 2)", Assert.IsType<Failed>(end).Detail, StringComparison.Ordinal);
        Assert.EndsWith("out of memory", record.State["error1"], StringComparison.Ordinal);
        Assert.Contains("-a2 ended as Failed", end.State["error2"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Stored_errors_contain_no_secrets_and_have_a_limited_length()
    {
        var record = await StepAsync(TestData.Record(Job(Twice)));
        _jobs.Become("Failed", $$"""{ "error": { "message": "mount failed: AccountKey=canary-7Kq; {{new string('x', 20_000)}}" } }""");

        var waiting = await ResultAsync(record);
        record = TestData.After(record, waiting);

        Assert.Contains("mount failed: AccountKey=***", record.State["error1"], StringComparison.Ordinal);
        Assert.InRange(record.State["error1"].Length, 1000, Redaction.MaxLength);
        Assert.DoesNotContain("canary", record.State["error1"] + waiting.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_repeated_step_of_the_second_run_starts_no_third_run()
    {
        var record = await StepAsync(TestData.Record(Job(Twice)));
        _jobs.Become("Failed");
        record = TestData.After(record, await ResultAsync(record));

        await StepAsync(record);
        await StepAsync(record);

        Assert.Equal(2, _jobs.Jobs.Count);
    }

    [Fact]
    public async Task A_job_whose_final_status_the_rule_does_not_list_is_not_retried()
    {
        var record = await StepAsync(TestData.Record(Job(Twice)));
        _jobs.Become("Canceled");

        Assert.IsType<Failed>(await ResultAsync(record));
    }

    [Fact]
    public async Task A_retry_by_an_operator_continues_the_second_run_of_the_previous_generation()
    {
        var record = TestData.Record(Job(Twice)) with { Generation = 1 };
        _jobs.Jobs[$"mlevents-{record.Id}"] = new JsonObject { ["status"] = "Failed" };
        _jobs.Jobs[$"mlevents-{record.Id}-a2"] = new JsonObject { ["status"] = "Running" };

        var result = await ResultAsync(record);

        Assert.Equal($"mlevents-{record.Id}-a2", result.State["jobName"]);
        Assert.Equal(2, _jobs.Jobs.Count);
    }

    [Fact]
    public async Task A_job_that_takes_too_long_is_cancelled_and_followed_until_azure_reports_its_end()
    {
        var record = await StepAsync(TestData.Record(Job(timeout: TimeSpan.FromHours(12))));
        _jobs.Become("Running");
        _time.Advance(TimeSpan.FromHours(12));

        var asked = await ResultAsync(record);
        record = TestData.After(record, asked);
        var waiting = await ResultAsync(record);
        _jobs.Become("Canceled");
        var end = await ResultAsync(record);

        Assert.Equal([$"mlevents-{record.Id}"], _jobs.Cancelled);
        Assert.EndsWith("was still Running after 12:00:00; its cancellation was requested", asked.Detail, StringComparison.Ordinal);
        Assert.EndsWith("Azure reports CancelRequested", Assert.IsType<Continue>(waiting).Detail, StringComparison.Ordinal);
        Assert.Equal($"job mlevents-{record.Id} was still Running after 12:00:00; Azure reports Canceled", Assert.IsType<Failed>(end).Detail);
    }

    [Fact]
    public async Task LongestRun_limits_the_runs_of_rules_without_a_timeout()
    {
        var record = await StepAsync(TestData.Record(Job()));
        _jobs.Become("Running");
        _time.Advance(TimeSpan.FromDays(7));

        Assert.Equal(RunAttempts.Cancelling, Assert.IsType<Continue>(await ResultAsync(record)).Stage);
    }

    [Fact]
    public async Task A_job_that_completes_while_it_is_cancelled_is_a_success()
    {
        var record = await StepAsync(TestData.Record(Job(timeout: TimeSpan.FromHours(1))));
        _time.Advance(TimeSpan.FromHours(1));
        record = TestData.After(record, await ResultAsync(record));
        _jobs.Become("Completed");

        Assert.IsType<Succeeded>(await ResultAsync(record));
    }

    [Fact]
    public async Task A_cancellation_that_azure_does_not_carry_out_fails_the_action_and_starts_nothing()
    {
        var record = await StepAsync(TestData.Record(Job(Twice with { On = ["TimedOut"] }, TimeSpan.FromHours(1))));
        _time.Advance(TimeSpan.FromHours(1));
        record = TestData.After(record, await ResultAsync(record));
        _time.Advance(TimeSpan.FromMinutes(30));

        Assert.EndsWith("00:30:00 later Azure still reports CancelRequested", Assert.IsType<Failed>(await ResultAsync(record)).Detail, StringComparison.Ordinal);
        Assert.Single(_jobs.Jobs);
    }

    [Theory]
    [InlineData("TimedOut", "Running", 60)]
    [InlineData("NotResponding", "NotResponding", 1)]
    public async Task A_job_that_was_cancelled_is_started_again_after_it_has_ended(string end, string status, int minutes)
    {
        var record = await StepAsync(TestData.Record(Job(Twice with { On = [end] }, TimeSpan.FromHours(1))));
        _jobs.Become(status);
        _time.Advance(TimeSpan.FromMinutes(minutes));
        record = TestData.After(record, await ResultAsync(record));
        Assert.Single(_jobs.Jobs);
        _jobs.Become("Canceled");

        record = TestData.After(record, await ResultAsync(record));
        await ResultAsync(record);

        Assert.Equal([$"mlevents-{record.Id}", $"mlevents-{record.Id}-a2"], _jobs.Jobs.Keys);
    }

    [Fact]
    public async Task A_job_that_does_not_respond_is_not_cancelled_if_the_rule_does_not_list_the_status()
    {
        var record = await StepAsync(TestData.Record(Job(Twice)));
        _jobs.Become("NotResponding");

        Assert.IsType<Continue>(await ResultAsync(record));
        Assert.Empty(_jobs.Cancelled);
    }

    [Theory]
    [InlineData("Running", true, "Azure accepted the cancellation of job mlevents-ID")]
    [InlineData("Completed", false, "job mlevents-ID had ended as Completed")]
    public async Task An_operator_s_cancellation_reports_that_azure_accepted_it_or_that_the_job_had_ended(string status, bool asked, string detail)
    {
        var record = await StepAsync(TestData.Record(Job()));
        _jobs.Become(status);

        var answer = await Executor().CancelAsync(record, RetrainingPlan.Read(record.Plan), Token);

        Assert.Equal(new CancelAnswer(true, detail.Replace("ID", record.Id, StringComparison.Ordinal)), answer);
        Assert.Equal(asked ? 1 : 0, _jobs.Cancelled.Count);
    }

    [Fact]
    public async Task An_operator_s_cancellation_of_a_job_that_was_never_submitted_says_that_the_job_does_not_exist()
    {
        var record = TestData.Record(Job());

        Assert.Equal(new CancelAnswer(true, $"job mlevents-{record.Id} does not exist"), await Executor().CancelAsync(record, RetrainingPlan.Read(record.Plan), Token));
    }

    [Fact]
    public async Task A_cancellation_that_azure_refuses_is_answered_with_the_error_of_azure()
    {
        var record = await StepAsync(TestData.Record(Job()));
        _jobs.Refusal = new AzureException("not you") { Code = "AuthorizationFailed", Status = 403 };

        var answer = await Executor().CancelAsync(record, RetrainingPlan.Read(record.Plan), Token);

        Assert.Equal(new CancelAnswer(false, "Azure did not cancel the run: AuthorizationFailed: not you."), answer);
    }

    [Fact]
    public async Task A_data_factory_run_that_takes_too_long_is_cancelled()
    {
        var record = await RunAsync(TestData.Record(Factory(timeout: TimeSpan.FromHours(1))));
        _pipelines.Become("InProgress");
        _time.Advance(TimeSpan.FromHours(1));

        record = TestData.After(record, await ResultAsync(record));
        _pipelines.Become("Cancelled");

        Assert.Equal(["run-1"], _pipelines.Cancelled);
        Assert.EndsWith("Azure reports Cancelled", Assert.IsType<Failed>(await ResultAsync(record)).Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_data_factory_run_that_ends_before_its_cancellation_is_read_once_more()
    {
        var record = await RunAsync(TestData.Record(Factory(timeout: TimeSpan.FromHours(1))));
        _pipelines.Become("InProgress");
        _time.Advance(TimeSpan.FromHours(1));
        _pipelines.Refusal = new AzureException("it has ended") { Code = "PipelineRunNotCancellable", Status = 400 };

        record = TestData.After(record, await ResultAsync(record));
        _pipelines.Become("Succeeded");

        Assert.IsType<Succeeded>(await ResultAsync(record));
    }

    [Fact]
    public async Task A_failed_data_factory_run_is_started_again_from_the_beginning()
    {
        var record = await RunAsync(TestData.Record(Factory(Twice)));
        _pipelines.Become("Failed");

        record = await RunAsync(TestData.After(record, await ResultAsync(record)));

        Assert.Equal(2, _pipelines.Runs.Count);
        Assert.Equal($"{record.Id}-a2", _pipelines.Runs[1].Parameters["mlevents_action"]);
        Assert.Null(_pipelines.RerunsOf[1]);
        Assert.Equal("run-2", record.State["runId"]);
    }

    [Fact]
    public async Task A_rerun_continues_the_failed_run_and_is_not_started_twice()
    {
        var record = await RunAsync(TestData.Record(Factory(Twice with { FromFailure = true, Attempts = 3 })));
        _pipelines.Become("Failed");
        record = TestData.After(record, await ResultAsync(record));
        var requested = await StepAsync(record);

        record = await StepAsync(requested);
        var again = await ResultAsync(requested);
        _pipelines.Become("Failed");
        record = await RunAsync(TestData.After(record, await ResultAsync(record)));

        Assert.Equal([null, "run-1", "run-2"], _pipelines.RerunsOf);
        Assert.Equal("run-2", again.State["runId"]);
        Assert.Equal("run-3", record.State["runId"]);
        Assert.Empty(_pipelines.Given[1]);
    }

    [Fact]
    public async Task A_retry_by_an_operator_reruns_from_the_failed_activity_too()
    {
        var record = await RunAsync(TestData.Record(Factory(Twice with { FromFailure = true, On = ["TimedOut"] })));
        _pipelines.Become("Failed");

        await RunAsync(record with { Generation = 1, Stage = "", State = new Dictionary<string, string>() });

        Assert.Equal([null, "run-1"], _pipelines.RerunsOf);
    }

    [Theory]
    [InlineData("InProgress", "Azure accepted the cancellation of run run-1", 1)]
    [InlineData("Failed", "run run-1 had ended as Failed", 0)]
    public async Task An_operator_s_cancellation_cancels_a_data_factory_run_that_has_not_ended(string status, string detail, int asked)
    {
        var record = await RunAsync(TestData.Record(Factory()));
        _pipelines.Become(status);

        Assert.Equal(new CancelAnswer(true, detail), await Executor().CancelAsync(record, RetrainingPlan.Read(record.Plan), Token));
        Assert.Equal(asked, _pipelines.Cancelled.Count);
    }

    [Fact]
    public async Task An_operator_s_cancellation_finds_a_run_whose_start_was_not_recorded()
    {
        var requested = await StepAsync(TestData.Record(Factory()));
        await StepAsync(requested);

        await Executor().CancelAsync(requested, RetrainingPlan.Read(requested.Plan), Token);

        Assert.Equal(["run-1"], _pipelines.Cancelled);
    }

    [Fact]
    public async Task An_operator_s_cancellation_of_a_started_run_that_is_not_readable_yet_is_refused()
    {
        var record = await RunAsync(TestData.Record(Factory()));
        _pipelines.Runs.Clear();

        Assert.Equal(
            new CancelAnswer(false, "Run run-1 was not found; a run that has just started may not be readable yet."),
            await Executor().CancelAsync(record, RetrainingPlan.Read(record.Plan), Token));
    }

    [Fact]
    public async Task An_operator_s_cancellation_of_a_run_that_ends_meanwhile_reports_the_end_of_the_run()
    {
        var record = await RunAsync(TestData.Record(Factory()));
        _pipelines.Become("InProgress");
        (_pipelines.Refusal, _pipelines.StatusAtCancellation) = (new AzureException("it has ended") { Code = "PipelineRunNotCancellable", Status = 400 }, "Succeeded");

        Assert.Equal(new CancelAnswer(true, "run run-1 had ended as Succeeded"), await Executor().CancelAsync(record, RetrainingPlan.Read(record.Plan), Token));
    }

    [Fact]
    public async Task An_operator_s_cancellation_that_data_factory_refuses_although_the_run_continues_is_answered_with_the_error()
    {
        var record = await RunAsync(TestData.Record(Factory()));
        _pipelines.Become("InProgress");
        _pipelines.Refusal = new AzureException("bad id") { Code = "BadRequest", Status = 400 };

        Assert.Equal(new CancelAnswer(false, "Azure did not cancel the run: BadRequest: bad id."), await Executor().CancelAsync(record, RetrainingPlan.Read(record.Plan), Token));
    }

    [Theory]
    [InlineData(false, 1, 0)]
    [InlineData(true, 0, 0)]
    [InlineData(true, 0, 20)]
    public async Task An_operator_s_cancellation_reports_that_no_run_was_started_only_after_the_listing_delay(bool isInterrupted, int failures, int lease)
    {
        var requested = await StepAsync(TestData.Record(Factory())) with
        {
            Interrupted = isInterrupted,
            Failures = failures,
            UpdatedAt = TestData.Now,
            LeaseUntil = lease > 0 ? TestData.Now.AddSeconds(lease) : null,
        };
        _time.Advance(TimeSpan.FromSeconds(lease + 29));
        var early = await Executor().CancelAsync(requested, RetrainingPlan.Read(requested.Plan), Token);
        _time.Advance(TimeSpan.FromSeconds(1));
        var later = await Executor().CancelAsync(requested, RetrainingPlan.Read(requested.Plan), Token);

        Assert.Equal(new CancelAnswer(false, "The run may have started a moment ago, and Azure lists a new run with a delay. Wait for 00:00:30 (Retrainer:RunListingDelay)."), early);
        Assert.Equal(new CancelAnswer(true, "no run was started"), later);
    }

    private static JobPlan Job(RetryPolicy? retry = null, TimeSpan? timeout = null) =>
        new(SampleEvents.Workspace, new JsonObject { ["jobType"] = "Pipeline" }) { Retry = retry, Timeout = timeout };

    private static FactoryPlan Factory(RetryPolicy? retry = null, TimeSpan? timeout = null) => new(TestData.Pipeline, []) { Retry = retry, Timeout = timeout };

    private Retraining Executor() => TestData.Executor(_jobs, _pipelines, _time);

    private Task<StepResult> ResultAsync(ActionRecord record) => Executor().StepAsync(record, Token);

    private async Task<ActionRecord> StepAsync(ActionRecord record) => TestData.After(record, await ResultAsync(record));

    private async Task<ActionRecord> RunAsync(ActionRecord record) => await StepAsync(await StepAsync(record));
}
