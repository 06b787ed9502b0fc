using System.Text.Json;

using Dapr;

using MLEvents.Events;
using MLEvents.Tests.Common;
using MLEvents.Tests.Services;

namespace MLEvents.Ledger.Tests;

public class ActionRunnerTests
{
    private static readonly WorkflowEvent Event = SampleEvents.Create("RunCompleted", """{"runTags":{"mlevents.correlation":"chain-1"}}""", "experiments/1/runs/2");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_action_is_executed_once_when_its_event_is_delivered_repeatedly()
    {
        await using var fixture = await LedgerFixture.StartAsync((_, _) => new Succeeded { Detail = "done", Links = new Dictionary<string, Uri> { ["x"] = new("https://example.com/x") } }, Token);

        await fixture.Runner.RunAsync(Event, [LedgerFixture.Request()], Token);
        await fixture.Runner.RunAsync(Event, [LedgerFixture.Request()], Token);

        Assert.Equal(1, fixture.Work.Steps);
        var record = await fixture.RecordAsync(Event, record => record.IsFinished, Token);
        Assert.Equal((ActionStatus.Succeeded, "done", "chain-1", "v1"), (record.Status, record.Detail, record.CorrelationId, record.RuleVersion));
        Assert.Equal("https://example.com/x", record.Links["x"].ToString());
        Assert.Null(record.LeaseOwner);
        var end = await fixture.Fixture.EndOfAsync("r", Event, Token);
        Assert.Equal(("tester", "succeeded", "chain-1", Event.Source), (end.Service, end.Status, end.CorrelationId, end.Event.Source));
        Assert.Equal(["accepted", "succeeded"], await fixture.Fixture.ChangesAsync(Event, 2, Token));
    }

    [Fact]
    public async Task Concurrent_deliveries_to_two_replicas_execute_the_action_once()
    {
        await using var fixture = await LedgerFixture.StartAsync((_, _) => new Succeeded(), Token);
        var replica = await fixture.AddReplicaAsync(Token);

        var runs = Enumerable.Range(0, 20).Select(n => Task.Run(() => (n % 2 == 0 ? fixture.Runner : replica).RunAsync(Event, [LedgerFixture.Request()], Token), Token));
        await Task.WhenAll(runs);

        await fixture.RecordAsync(Event, record => record.IsFinished, Token);
        Assert.Equal(1, fixture.Work.Steps);
    }

    [Fact]
    public async Task Each_rule_has_its_own_action_for_each_event()
    {
        await using var fixture = await LedgerFixture.StartAsync((_, _) => new Succeeded(), Token);
        var other = SampleEvents.Create("RunCompleted");

        await fixture.Runner.RunAsync(Event, [LedgerFixture.Request(), LedgerFixture.Request() with { Rule = "another" }], Token);
        await fixture.Runner.RunAsync(other, [LedgerFixture.Request()], Token);

        Assert.Equal(3, fixture.Work.Steps);
    }

    [Fact]
    public async Task A_rule_that_cannot_be_evaluated_fails_its_action_and_the_next_rule_continues()
    {
        await using var fixture = await LedgerFixture.StartAsync((_, _) => new Succeeded(), Token);
        fixture.Fixture.Service.Expected = log => log.Message.Contains("no such variable", StringComparison.Ordinal);

        await fixture.Runner.RunAsync(Event, [LedgerFixture.Request("no such variable"), LedgerFixture.Request() with { Rule = "good" }], Token);

        var failed = await fixture.Fixture.EndOfAsync("r", Event, Token);
        Assert.Equal(("failed", "no such variable"), (failed.Status, failed.Detail));
        Assert.Equal("succeeded", (await fixture.Fixture.EndOfAsync("good", Event, Token)).Status);
        Assert.Equal(1, fixture.Work.Steps);
    }

    [Fact]
    public async Task A_takeover_fails_an_action_whose_rule_cannot_be_evaluated()
    {
        await using var fixture = await LedgerFixture.StartAsync((_, _) => new Succeeded(), Token);
        fixture.Fixture.Service.Expected = log => log.Message.Contains("no such variable", StringComparison.Ordinal);
        var left = LedgerFixture.Request("no such variable").ToRecord("tester", Event, DateTimeOffset.UnixEpoch);
        await fixture.Records.TryCreateAsync(left, Token);

        await fixture.Pending.AddAsync(left, DateTimeOffset.UnixEpoch, Token);

        var record = await fixture.RecordAsync(Event, record => record.IsFinished, Token);
        Assert.Equal((ActionStatus.Failed, "no such variable", 0), (record.Status, record.Detail, fixture.Work.Steps));
    }

    [Fact]
    public async Task A_step_gets_the_stage_and_the_state_of_the_earlier_steps()
    {
        await using var fixture = await LedgerFixture.StartAsync((record, step) => step switch
        {
            1 => new Continue("first", TimeSpan.Zero) { State = new Dictionary<string, string> { ["a"] = "1" } },
            2 => new Continue("second", TimeSpan.FromMilliseconds(50)) { State = new Dictionary<string, string> { ["b"] = "2" } },
            _ => new Succeeded { Detail = $"{record.Stage} {record.State["a"]}{record.State["b"]}" },
        }, Token);

        await fixture.Runner.RunAsync(Event, [LedgerFixture.Request()], Token);

        var record = await fixture.RecordAsync(Event, record => record.IsFinished, Token);
        Assert.Equal("second 12", record.Detail);
        Assert.Equal(["accepted", "running first", "running second", "succeeded second"], await fixture.Fixture.ChangesAsync(Event, 4, Token));
    }

    [Fact]
    public async Task A_step_is_repeated_after_the_result_Retry_and_after_an_exception()
    {
        await using var fixture = await LedgerFixture.StartAsync((_, step) => step switch
        {
            1 => new Retry { Detail = "busy" },
            2 => throw new InvalidOperationException("a bug"),
            _ => new Succeeded(),
        }, Token);

        await fixture.Runner.RunAsync(Event, [LedgerFixture.Request()], Token);

        var record = await fixture.RecordAsync(Event, record => record.IsFinished, Token);
        Assert.Equal((ActionStatus.Succeeded, 3, "a bug"), (record.Status, record.Attempt, record.Detail));
    }

    [Fact]
    public async Task A_time_out_of_a_client_is_a_failed_attempt_and_stops_neither_the_reconciler_nor_the_service()
    {
        await using var fixture = await LedgerFixture.StartAsync((_, step) => step < 3 ? throw new TaskCanceledException("no answer in time") : new Succeeded(), Token);

        await fixture.Runner.RunAsync(Event, [LedgerFixture.Request()], Token);

        var record = await fixture.RecordAsync(Event, record => record.IsFinished, Token);
        Assert.Equal((ActionStatus.Succeeded, 3), (record.Status, record.Attempt));
    }

    [Fact]
    public async Task Only_attempts_that_fail_in_a_row_count_against_the_limit()
    {
        await using var fixture = await LedgerFixture.StartAsync(
            (_, step) => step switch { 6 => new Succeeded(), _ when step % 2 == 0 => new Continue("following", TimeSpan.FromMilliseconds(10)), _ => new Retry { Detail = "busy" } },
            Token, ("Ledger:MaxAttempts", "2"));

        await fixture.Runner.RunAsync(Event, [LedgerFixture.Request()], Token);

        var record = await fixture.RecordAsync(Event, record => record.IsFinished, Token);
        Assert.Equal((ActionStatus.Succeeded, 4), (record.Status, record.Attempt));
    }

    [Fact]
    public async Task A_repeated_event_does_not_shorten_the_wait_of_an_action()
    {
        await using var fixture = await LedgerFixture.StartAsync((_, _) => new Retry(TimeSpan.FromHours(1)) { Detail = "busy" }, Token);
        await fixture.Runner.RunAsync(Event, [LedgerFixture.Request()], Token);
        var waiting = await fixture.RecordAsync(Event, record => record.DueAt is not null, Token);

        await fixture.Runner.RunAsync(Event, [LedgerFixture.Request()], Token);
        await fixture.Pending.AddAsync(waiting, TimeProvider.System.GetUtcNow(), Token);
        await fixture.PendingAsync(pending => pending.DueAt == waiting.DueAt, Token);

        Assert.Equal(1, fixture.Work.Steps);
    }

    [Fact]
    public async Task After_the_last_attempt_the_action_fails_with_the_reason()
    {
        await using var fixture = await LedgerFixture.StartAsync((_, _) => new Retry { Detail = "still busy" }, Token, ("Ledger:MaxAttempts", "3"));

        await fixture.Runner.RunAsync(Event, [LedgerFixture.Request()], Token);

        var record = await fixture.RecordAsync(Event, record => record.IsFinished, Token);
        Assert.Equal((ActionStatus.Failed, "gave up after 3 attempts: still busy"), (record.Status, record.Detail));
        Assert.Equal(3, fixture.Work.Steps);
    }

    [Fact]
    public async Task The_log_says_which_attempt_is_the_last_one()
    {
        await using var fixture = await LedgerFixture.StartAsync((_, _) => throw new InvalidOperationException("a bug"), Token, ("Ledger:MaxAttempts", "2"));

        await fixture.Runner.RunAsync(Event, [LedgerFixture.Request()], Token);
        var record = await fixture.RecordAsync(Event, record => record.IsFinished, Token);

        Assert.Equal(
            [
                $"Attempt 1 of stage '' of action {record.Id} (rule r) failed; the step is retried",
                $"Attempt 2 of stage '' of action {record.Id} (rule r) failed. It was the last of 2 consecutive attempts, and the action fails",
            ],
            fixture.Fixture.Service.Logs.Select(log => log.Message).Where(message => message.StartsWith("Attempt ", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("skipped")]
    [InlineData("failed")]
    public async Task A_step_may_end_the_action_without_success(string status)
    {
        await using var fixture = await LedgerFixture.StartAsync((_, _) => status == "skipped" ? new Skipped { Detail = "why" } : new Failed { Detail = "why" }, Token);

        await fixture.Runner.RunAsync(Event, [LedgerFixture.Request()], Token);

        var end = await fixture.Fixture.EndOfAsync("r", Event, Token);
        Assert.Equal((status, "why"), (end.Status, end.Detail));
    }

    [Fact]
    public async Task An_action_whose_lease_expired_is_taken_over_when_its_event_is_redelivered()
    {
        await using var fixture = await LedgerFixture.StartAsync((_, _) => new Succeeded(), Token);
        await fixture.Records.TryCreateAsync(Held(until: TimeSpan.FromSeconds(-1)), Token);

        await fixture.Runner.RunAsync(Event, [LedgerFixture.Request()], Token);

        Assert.Equal(ActionStatus.Succeeded, (await fixture.RecordAsync(Event, record => record.IsFinished, Token)).Status);
    }

    [Fact]
    public async Task An_action_taken_over_in_a_step_is_marked_as_interrupted_until_its_next_stage()
    {
        var interrupted = new List<(string Stage, bool Interrupted)>();
        await using var fixture = await LedgerFixture.StartAsync((record, step) =>
        {
            interrupted.Add((record.Stage, record.Interrupted));
            return step switch
            {
                1 => new Retry(),
                2 => new Continue("next", TimeSpan.Zero),
                _ => new Succeeded(),
            };
        }, Token, ("Ledger:FirstRetry", "00:00:00.01"));
        await fixture.Records.TryCreateAsync(Held(until: TimeSpan.FromSeconds(-1)), Token);

        await fixture.Runner.RunAsync(Event, [LedgerFixture.Request()], Token);
        await fixture.RecordAsync(Event, record => record.IsFinished, Token);

        Assert.Equal([("", true), ("", true), ("next", false)], interrupted);
    }

    [Fact]
    public async Task A_repeated_step_does_not_mark_its_action_as_interrupted()
    {
        await using var fixture = await LedgerFixture.StartAsync((_, step) => step == 1 ? new Retry() : new Succeeded(), Token, ("Ledger:FirstRetry", "00:00:00.01"));

        await fixture.Runner.RunAsync(Event, [LedgerFixture.Request()], Token);

        Assert.False((await fixture.RecordAsync(Event, record => record.IsFinished, Token)).Interrupted);
    }

    [Fact]
    public async Task An_action_leased_by_another_process_stays_pending_and_continues_after_the_lease()
    {
        await using var fixture = await LedgerFixture.StartAsync((_, _) => new Succeeded(), Token);
        await fixture.Records.TryCreateAsync(Held(until: TimeSpan.FromMilliseconds(300)), Token);

        await fixture.Runner.RunAsync(Event, [LedgerFixture.Request()], Token);

        Assert.Equal(ActionStatus.Succeeded, (await fixture.RecordAsync(Event, record => record.IsFinished, Token)).Status);
        Assert.Equal(1, fixture.Work.Steps);
    }

    [Fact]
    public async Task A_wake_continues_a_waiting_action_at_once()
    {
        await using var fixture = await LedgerFixture.StartAsync((_, step) => step == 1 ? new Continue("waiting", TimeSpan.FromHours(1)) : new Succeeded(), Token);
        await fixture.Runner.RunAsync(Event, [LedgerFixture.Request()], Token);
        var waiting = await fixture.RecordAsync(Event, record => record.Stage == "waiting", Token);

        await fixture.Waker.WakeAsync(waiting.Id, Token);

        Assert.Equal(ActionStatus.Succeeded, (await fixture.RecordAsync(Event, record => record.IsFinished, Token)).Status);
        await fixture.Waker.WakeAsync(waiting.Id, Token);
        await fixture.Waker.WakeAsync("00000000000000000000", Token);
        Assert.Equal(2, fixture.Work.Steps);
    }

    [Fact]
    public async Task A_wake_during_a_step_continues_the_action_at_once()
    {
        await using var fixture = await LedgerFixture.StartAsync((_, step) => step == 1 ? new Continue("waiting", TimeSpan.FromHours(1)) : new Succeeded(), Token);
        fixture.Work.IsGated = true;
        var running = fixture.Runner.RunAsync(Event, [LedgerFixture.Request()], Token);
        var taken = await fixture.Work.Taken.FirstAsync(_ => true, Token);

        await fixture.Waker.WakeAsync(taken.Id, Token);
        fixture.Work.Gate.SetResult();
        await running;

        var record = await fixture.RecordAsync(Event, record => record.IsFinished, Token);
        Assert.Equal((ActionStatus.Succeeded, false, 2), (record.Status, record.IsWoken, fixture.Work.Steps));
    }

    [Theory]
    [InlineData("")]
    [InlineData("a||b")]
    [InlineData("0123456789ABCDEF0123")]
    public async Task A_wake_with_an_invalid_id_is_ignored(string id)
    {
        await using var fixture = await LedgerFixture.StartAsync((_, _) => new Succeeded(), Token);

        await fixture.Waker.WakeAsync(id, Token);

        Assert.Empty(await fixture.Pending.ListAsync(Token));
    }

    [Fact]
    public async Task A_wake_does_not_change_a_finished_action()
    {
        await using var fixture = await LedgerFixture.StartAsync((_, _) => new Succeeded { Detail = "done" }, Token);
        await fixture.Runner.RunAsync(Event, [LedgerFixture.Request()], Token);
        var finished = await fixture.RecordAsync(Event, record => record.IsFinished, Token);

        await fixture.Waker.WakeAsync(finished.Id, Token);

        var after = await fixture.RecordAsync(Event, _ => true, Token);
        Assert.Equal((ActionStatus.Succeeded, "done", finished.UpdatedAt), (after.Status, after.Detail, after.UpdatedAt));
        Assert.Empty(await fixture.Pending.ListAsync(Token));
    }

    [Fact]
    public async Task All_rules_of_a_message_share_one_handler_budget()
    {
        await using var fixture = await LedgerFixture.StartAsync((_, _) => new Succeeded(), Token, ("Ledger:HandlerBudget", "00:00:01"));
        fixture.Work.IsGated = true;
        var began = TimeProvider.System.GetTimestamp();

        await fixture.Runner.RunAsync(Event, Enumerable.Range(0, 12).Select(n => LedgerFixture.Request() with { Rule = $"rule-{n}" }), Token);

        Assert.InRange(TimeProvider.System.GetElapsedTime(began), TimeSpan.FromSeconds(0.9), TimeSpan.FromSeconds(9));
        Assert.Equal(12, (await fixture.Pending.ListAsync(Token)).Count);
        fixture.Work.Gate.SetResult();
    }

    [Fact]
    public async Task An_action_that_cannot_be_recorded_does_not_prevent_the_other_actions()
    {
        await using var fixture = await LedgerFixture.StartAsync((_, _) => new Succeeded(), Token);
        var tooDeep = JsonDocument.Parse(new string('[', 800) + new string(']', 800), new() { MaxDepth = 900 }).RootElement;

        var exception = await Assert.ThrowsAnyAsync<Exception>(() => fixture.Runner.RunAsync(Event, [LedgerFixture.Request() with { Rule = "deep", Plan = tooDeep }, LedgerFixture.Request()], Token));

        Assert.IsNotType<DaprException>(exception);
        Assert.Equal(ActionStatus.Succeeded, (await fixture.RecordAsync(Event, record => record.IsFinished, Token)).Status);
    }

    [Fact]
    public async Task A_time_out_of_the_client_for_one_action_does_not_prevent_the_other_actions()
    {
        using var calls = new SidecarCalls();
        await using var fixture = await LedgerFixture.StartAsync((_, _) => new Succeeded(), calls, Token);
        var writes = 0;
        calls.OnCall = call => call.Method == "SaveState" && Interlocked.Increment(ref writes) == 1
            ? Task.FromException<HttpResponseMessage>(new TaskCanceledException("no answer in time"))
            : call.ForwardAsync();

        await Assert.ThrowsAnyAsync<Exception>(() => fixture.Runner.RunAsync(Event, [LedgerFixture.Request() with { Rule = "late" }, LedgerFixture.Request()], Token));

        Assert.Equal(ActionStatus.Succeeded, (await fixture.RecordAsync(Event, record => record.IsFinished, Token)).Status);
    }

    [Fact]
    public async Task The_most_deeply_nested_event_that_can_be_read_can_also_be_recorded()
    {
        await using var fixture = await LedgerFixture.StartAsync((_, _) => new Succeeded(), Token);
        var deep = SampleEvents.Create("RunCompleted", new string('[', JsonLimits.MaxDepth - 1) + new string(']', JsonLimits.MaxDepth - 1));

        await fixture.Runner.RunAsync(deep, [LedgerFixture.Request()], Token);

        Assert.Equal(ActionStatus.Succeeded, (await fixture.RecordAsync(deep, record => record.IsFinished, Token)).Status);
    }

    [Fact]
    public async Task A_message_does_not_wait_for_a_long_step_and_the_action_stays_pending_and_continues()
    {
        await using var fixture = await LedgerFixture.StartAsync((_, _) => new Succeeded(), Token, ("Ledger:HandlerBudget", "00:00:00.050"));
        fixture.Work.IsGated = true;

        await fixture.Runner.RunAsync(Event, [LedgerFixture.Request()], Token);

        var pending = Assert.Single(await fixture.Pending.ListAsync(Token));
        Assert.Equal(ActionRecord.IdOf("tester", "r", Event), pending.Id);
        fixture.Work.Gate.SetResult();
        Assert.Equal(ActionStatus.Succeeded, (await fixture.RecordAsync(Event, record => record.IsFinished, Token)).Status);
        Assert.Equal(1, fixture.Work.Steps);
    }

    [Fact]
    public async Task While_too_many_actions_continue_in_the_background_no_further_action_starts()
    {
        await using var fixture = await LedgerFixture.StartAsync((_, _) => new Succeeded(), Token, ("Ledger:HandlerBudget", "00:00:00.050"));
        fixture.Work.IsGated = true;
        var events = Enumerable.Range(0, ActionRunner.MaxBackground).Select(_ => SampleEvents.Create("RunCompleted")).ToList();
        await Task.WhenAll(events.Select(waiting => fixture.Runner.RunAsync(waiting, [LedgerFixture.Request()], Token)));

        var refused = await Assert.ThrowsAsync<TimeoutException>(() => fixture.Runner.RunAsync(Event, [LedgerFixture.Request()], Token));

        Assert.StartsWith("256 actions of earlier events have not ended within 0.05 s", refused.Message, StringComparison.Ordinal);
        Assert.Null(await fixture.Records.FindAsync(ActionRecord.IdOf("tester", "r", Event), Token));
        fixture.Work.Gate.SetResult();
        await Poll.UntilAsync(token => fixture.Pending.ListAsync(token), pending => pending.Count == 0, Token);
        await fixture.Runner.RunAsync(Event, [LedgerFixture.Request()], Token);
        Assert.Equal(ActionStatus.Succeeded, (await fixture.RecordAsync(Event, record => record.IsFinished, Token)).Status);
    }

    [Fact]
    public async Task A_finished_action_leaves_the_pending_index()
    {
        await using var fixture = await LedgerFixture.StartAsync((_, step) => step == 1 ? new Continue("waiting", TimeSpan.FromMilliseconds(10)) : new Succeeded(), Token);

        await fixture.Runner.RunAsync(Event, [LedgerFixture.Request()], Token);
        await fixture.RecordAsync(Event, record => record.IsFinished, Token);

        await Poll.UntilAsync(token => fixture.Pending.ListAsync(token), pending => pending.Count == 0, Token);
    }

    [Fact]
    public async Task While_the_state_store_is_unavailable_no_event_is_acknowledged()
    {
        await using var fixture = await LedgerFixture.StartAsync((_, _) => new Succeeded(), Token);
        fixture.Fixture.Service.Expected = log => log.Category?.Contains("HealthChecks", StringComparison.Ordinal) == true;
        await fixture.Fixture.StopSidecarAsync();

        await Assert.ThrowsAnyAsync<DaprException>(() => fixture.Runner.RunAsync(Event, [LedgerFixture.Request()], Token));

        Assert.Equal(0, fixture.Work.Steps);
    }

    [Fact]
    public async Task The_result_of_a_step_is_recorded_when_the_sidecar_is_available_again()
    {
        await using var fixture = await LedgerFixture.StartAsync((_, _) => new Succeeded { Detail = "done" }, Token, ("Ledger:HandlerBudget", "00:01:00"));
        fixture.Fixture.Service.Expected = log => log.Category?.Contains("HealthChecks", StringComparison.Ordinal) == true;
        fixture.Work.IsGated = true;
        var running = fixture.Runner.RunAsync(Event, [LedgerFixture.Request()], Token);
        await fixture.Work.Taken.FirstAsync(_ => true, Token);
        await fixture.Fixture.StopSidecarAsync();
        fixture.Work.Gate.SetResult();

        await fixture.Fixture.StartSidecarAsync(Token);
        await running;

        var record = await fixture.RecordAsync(Event, record => record.IsFinished, Token);
        Assert.Equal((ActionStatus.Succeeded, "done", false, 1), (record.Status, record.Detail, record.Interrupted, fixture.Work.Steps));
    }

    [Fact]
    public async Task When_the_service_stops_it_gives_up_the_recording_of_a_result_before_the_lease_ends()
    {
        await using var fixture = await LedgerFixture.StartAsync((_, _) => new Succeeded(), Token, ("Ledger:HandlerBudget", "00:01:00"), ("Ledger:Lease", "00:10:00"));
        fixture.Fixture.Service.Expected = _ => true;
        fixture.Work.IsGated = true;
        var running = fixture.Runner.RunAsync(Event, [LedgerFixture.Request()], Token);
        await fixture.Work.Taken.FirstAsync(_ => true, Token);
        await fixture.Fixture.StopSidecarAsync();
        fixture.Work.Gate.SetResult();

        await fixture.Fixture.StopServiceAsync();

        var exception = await Record.ExceptionAsync(() => running.WaitAsync(TimeSpan.FromSeconds(20), Token));
        Assert.NotNull(exception);
        Assert.IsNotType<TimeoutException>(exception);
    }

    private static ActionRecord Held(TimeSpan until) => LedgerFixture.Request().ToRecord("tester", Event, TimeProvider.System.GetUtcNow()) with
    {
        LeaseOwner = "a-replica-that-died",
        LeaseUntil = TimeProvider.System.GetUtcNow() + until,
    };
}
