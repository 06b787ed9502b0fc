using System.Text.Json;

using Dapr;

using MLEvents.Events;
using MLEvents.Tests.Common.Town;

namespace MLEvents.Ledger.Tests;

public class ActionRunnerTests
{
    private static readonly WorkflowEvent Event = SampleEvents.Of("RunCompleted", """{"runTags":{"mlevents.correlation":"chain-1"}}""", "experiments/1/runs/2");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_action_is_done_once_however_often_its_event_is_delivered()
    {
        await using var town = await LedgerTown.StartAsync((_, _) => new Succeeded { Detail = "done", Links = new Dictionary<string, Uri> { ["x"] = new("https://example.com/x") } }, Token);

        await town.Runner.RunAsync(Event, [LedgerTown.Request()], Token);
        await town.Runner.RunAsync(Event, [LedgerTown.Request()], Token);

        Assert.Equal(1, town.Work.Steps);
        var record = await town.RecordAsync(Event, record => record.IsFinished, Token);
        Assert.Equal((ActionStatus.Succeeded, "done", "chain-1", "v1"), (record.Status, record.Detail, record.CorrelationId, record.RuleVersion));
        Assert.Equal("https://example.com/x", record.Links["x"].ToString());
        Assert.Null(record.LeaseOwner);
        var end = await town.Town.EndOfAsync("r", Event, Token);
        Assert.Equal(("tester", "succeeded", "chain-1", Event.Source), (end.Service, end.Status, end.CorrelationId, end.Event.Source));
        Assert.Equal(["accepted", "succeeded"], town.Town.Activity.All.Select(action => action.Status));
    }

    [Fact]
    public async Task Of_concurrent_deliveries_to_two_replicas_one_acts()
    {
        await using var town = await LedgerTown.StartAsync((_, _) => new Succeeded(), Token);
        var replica = await town.AddReplicaAsync(Token);

        var runs = Enumerable.Range(0, 20).Select(n => Task.Run(() => (n % 2 == 0 ? town.Runner : replica).RunAsync(Event, [LedgerTown.Request()], Token), Token));
        await Task.WhenAll(runs);

        await town.RecordAsync(Event, record => record.IsFinished, Token);
        Assert.Equal(1, town.Work.Steps);
    }

    [Fact]
    public async Task Rules_and_events_have_actions_of_their_own()
    {
        await using var town = await LedgerTown.StartAsync((_, _) => new Succeeded(), Token);
        var other = SampleEvents.Of("RunCompleted");

        await town.Runner.RunAsync(Event, [LedgerTown.Request(), LedgerTown.Request() with { Rule = "another" }], Token);
        await town.Runner.RunAsync(other, [LedgerTown.Request()], Token);

        Assert.Equal(3, town.Work.Steps);
    }

    [Fact]
    public async Task A_rule_that_cannot_be_worked_out_fails_visibly_and_the_next_goes_on()
    {
        await using var town = await LedgerTown.StartAsync((_, _) => new Succeeded(), Token);
        town.Town.Service.Expected = log => log.Message.Contains("no such variable", StringComparison.Ordinal);

        await town.Runner.RunAsync(Event, [LedgerTown.Request("no such variable"), LedgerTown.Request() with { Rule = "good" }], Token);

        var failed = await town.Town.EndOfAsync("r", Event, Token);
        Assert.Equal(("failed", "no such variable"), (failed.Status, failed.Detail));
        Assert.Equal("succeeded", (await town.Town.EndOfAsync("good", Event, Token)).Status);
        Assert.Equal(1, town.Work.Steps);
    }

    [Fact]
    public async Task Whoever_takes_an_action_whose_rule_cannot_be_worked_out_fails_it()
    {
        await using var town = await LedgerTown.StartAsync((_, _) => new Succeeded(), Token);
        town.Town.Service.Expected = log => log.Message.Contains("no such variable", StringComparison.Ordinal);
        var left = LedgerTown.Request("no such variable").ToRecord("tester", Event, DateTimeOffset.UnixEpoch);
        await town.Records.TryCreateAsync(left, Token);

        await town.Pending.AddAsync(left, DateTimeOffset.UnixEpoch, Token);

        var record = await town.RecordAsync(Event, record => record.IsFinished, Token);
        Assert.Equal((ActionStatus.Failed, "no such variable", 0), (record.Status, record.Detail, town.Work.Steps));
    }

    [Fact]
    public async Task Steps_follow_each_other_with_what_the_earlier_ones_found_out()
    {
        await using var town = await LedgerTown.StartAsync((record, step) => step switch
        {
            1 => new Proceed("first", TimeSpan.Zero) { Facts = new Dictionary<string, string> { ["a"] = "1" } },
            2 => new Proceed("second", TimeSpan.FromMilliseconds(50)) { Facts = new Dictionary<string, string> { ["b"] = "2" } },
            _ => new Succeeded { Detail = $"{record.Stage} {record.Facts["a"]}{record.Facts["b"]}" },
        }, Token);

        await town.Runner.RunAsync(Event, [LedgerTown.Request()], Token);

        var record = await town.RecordAsync(Event, record => record.IsFinished, Token);
        Assert.Equal("second 12", record.Detail);
        await town.Town.EndOfAsync("r", Event, Token);
        Assert.Equal(["accepted", "running first", "running second", "succeeded second"], town.Town.Activity.All.Select(action => $"{action.Status} {action.Stage}".Trim()));
    }

    [Fact]
    public async Task A_failed_attempt_is_tried_again_whether_it_says_so_or_throws()
    {
        await using var town = await LedgerTown.StartAsync((_, step) => step switch
        {
            1 => new TryAgain { Detail = "busy" },
            2 => throw new InvalidOperationException("a bug"),
            _ => new Succeeded(),
        }, Token);

        await town.Runner.RunAsync(Event, [LedgerTown.Request()], Token);

        var record = await town.RecordAsync(Event, record => record.IsFinished, Token);
        Assert.Equal((ActionStatus.Succeeded, 3, "a bug"), (record.Status, record.Attempt, record.Detail));
    }

    [Fact]
    public async Task A_time_out_of_a_client_is_a_failed_attempt_and_stops_neither_the_reconciler_nor_the_service()
    {
        await using var town = await LedgerTown.StartAsync((_, step) => step < 3 ? throw new TaskCanceledException("no answer in time") : new Succeeded(), Token);

        await town.Runner.RunAsync(Event, [LedgerTown.Request()], Token);

        var record = await town.RecordAsync(Event, record => record.IsFinished, Token);
        Assert.Equal((ActionStatus.Succeeded, 3), (record.Status, record.Attempt));
    }

    [Fact]
    public async Task Only_attempts_that_fail_in_a_row_count_against_the_limit()
    {
        await using var town = await LedgerTown.StartAsync(
            (_, step) => step switch { 6 => new Succeeded(), _ when step % 2 == 0 => new Proceed("following", TimeSpan.FromMilliseconds(10)), _ => new TryAgain { Detail = "busy" } },
            Token, ("Ledger:MaxAttempts", "2"));

        await town.Runner.RunAsync(Event, [LedgerTown.Request()], Token);

        var record = await town.RecordAsync(Event, record => record.IsFinished, Token);
        Assert.Equal((ActionStatus.Succeeded, 4), (record.Status, record.Attempt));
    }

    [Fact]
    public async Task An_action_that_waits_is_not_hurried_by_its_event_coming_again()
    {
        await using var town = await LedgerTown.StartAsync((_, _) => new TryAgain(TimeSpan.FromHours(1)) { Detail = "busy" }, Token);
        await town.Runner.RunAsync(Event, [LedgerTown.Request()], Token);
        var waiting = await town.RecordAsync(Event, record => record.DueAt is not null, Token);

        await town.Runner.RunAsync(Event, [LedgerTown.Request()], Token);
        await town.Pending.AddAsync(waiting, TimeProvider.System.GetUtcNow(), Token);
        await town.PendingAsync(pending => pending.DueAt == waiting.DueAt, Token);

        Assert.Equal(1, town.Work.Steps);
    }

    [Fact]
    public async Task After_the_last_attempt_the_action_fails_with_the_reason()
    {
        await using var town = await LedgerTown.StartAsync((_, _) => new TryAgain { Detail = "still busy" }, Token, ("Ledger:MaxAttempts", "3"));

        await town.Runner.RunAsync(Event, [LedgerTown.Request()], Token);

        var record = await town.RecordAsync(Event, record => record.IsFinished, Token);
        Assert.Equal((ActionStatus.Failed, "gave up after 3 attempts: still busy"), (record.Status, record.Detail));
        Assert.Equal(3, town.Work.Steps);
    }

    [Theory]
    [InlineData("skipped")]
    [InlineData("failed")]
    public async Task A_step_may_end_the_action_without_success(string status)
    {
        await using var town = await LedgerTown.StartAsync((_, _) => status == "skipped" ? new Skipped { Detail = "why" } : new Failed { Detail = "why" }, Token);

        await town.Runner.RunAsync(Event, [LedgerTown.Request()], Token);

        var end = await town.Town.EndOfAsync("r", Event, Token);
        Assert.Equal((status, "why"), (end.Status, end.Detail));
    }

    [Fact]
    public async Task An_action_whose_holder_died_is_taken_over_when_its_event_comes_again()
    {
        await using var town = await LedgerTown.StartAsync((_, _) => new Succeeded(), Token);
        await town.Records.TryCreateAsync(Held(until: TimeSpan.FromSeconds(-1)), Token);

        await town.Runner.RunAsync(Event, [LedgerTown.Request()], Token);

        Assert.Equal(ActionStatus.Succeeded, (await town.RecordAsync(Event, record => record.IsFinished, Token)).Status);
    }

    [Fact]
    public async Task Work_that_a_dead_holder_may_have_done_is_known_until_the_next_stage()
    {
        var interrupted = new List<(string Stage, bool Interrupted)>();
        await using var town = await LedgerTown.StartAsync((record, step) =>
        {
            interrupted.Add((record.Stage, record.Interrupted));
            return step switch
            {
                1 => new TryAgain(),
                2 => new Proceed("next", TimeSpan.Zero),
                _ => new Succeeded(),
            };
        }, Token, ("Ledger:FirstRetry", "00:00:00.01"));
        await town.Records.TryCreateAsync(Held(until: TimeSpan.FromSeconds(-1)), Token);

        await town.Runner.RunAsync(Event, [LedgerTown.Request()], Token);
        await town.RecordAsync(Event, record => record.IsFinished, Token);

        Assert.Equal([("", true), ("", true), ("next", false)], interrupted);
    }

    [Fact]
    public async Task An_action_that_nobody_dropped_is_not_interrupted()
    {
        await using var town = await LedgerTown.StartAsync((_, step) => step == 1 ? new TryAgain() : new Succeeded(), Token, ("Ledger:FirstRetry", "00:00:00.01"));

        await town.Runner.RunAsync(Event, [LedgerTown.Request()], Token);

        Assert.False((await town.RecordAsync(Event, record => record.IsFinished, Token)).Interrupted);
    }

    [Fact]
    public async Task An_action_held_by_another_is_remembered_should_that_one_die()
    {
        await using var town = await LedgerTown.StartAsync((_, _) => new Succeeded(), Token);
        await town.Records.TryCreateAsync(Held(until: TimeSpan.FromMilliseconds(300)), Token);

        await town.Runner.RunAsync(Event, [LedgerTown.Request()], Token);

        Assert.Equal(ActionStatus.Succeeded, (await town.RecordAsync(Event, record => record.IsFinished, Token)).Status);
        Assert.Equal(1, town.Work.Steps);
    }

    [Fact]
    public async Task A_waiting_action_is_woken_by_news()
    {
        await using var town = await LedgerTown.StartAsync((_, step) => step == 1 ? new Proceed("waiting", TimeSpan.FromHours(1)) : new Succeeded(), Token);
        await town.Runner.RunAsync(Event, [LedgerTown.Request()], Token);
        var waiting = await town.RecordAsync(Event, record => record.Stage == "waiting", Token);

        await town.Runner.WakeAsync(waiting.Id, Token);

        Assert.Equal(ActionStatus.Succeeded, (await town.RecordAsync(Event, record => record.IsFinished, Token)).Status);
        await town.Runner.WakeAsync(waiting.Id, Token);
        await town.Runner.WakeAsync("00000000000000000000", Token);
        Assert.Equal(2, town.Work.Steps);
    }

    [Theory]
    [InlineData("")]
    [InlineData("a||b")]
    [InlineData("0123456789ABCDEF0123")]
    public async Task News_of_what_can_be_no_action_is_ignored(string id)
    {
        await using var town = await LedgerTown.StartAsync((_, _) => new Succeeded(), Token);

        await town.Runner.WakeAsync(id, Token);

        Assert.Empty(await town.Pending.ListAsync(Token));
    }

    [Fact]
    public async Task News_that_comes_late_does_not_move_a_finished_action_back()
    {
        await using var town = await LedgerTown.StartAsync((_, _) => new Succeeded { Detail = "done" }, Token);
        await town.Runner.RunAsync(Event, [LedgerTown.Request()], Token);
        var finished = await town.RecordAsync(Event, record => record.IsFinished, Token);

        await town.Runner.WakeAsync(finished.Id, Token);

        var after = await town.RecordAsync(Event, _ => true, Token);
        Assert.Equal((ActionStatus.Succeeded, "done", finished.UpdatedAt), (after.Status, after.Detail, after.UpdatedAt));
        Assert.Empty(await town.Pending.ListAsync(Token));
    }

    [Fact]
    public async Task All_rules_of_a_message_share_its_patience()
    {
        await using var town = await LedgerTown.StartAsync((_, _) => new Succeeded(), Token, ("Ledger:HandlerBudget", "00:00:01"));
        town.Work.IsGated = true;
        var began = TimeProvider.System.GetTimestamp();

        await town.Runner.RunAsync(Event, Enumerable.Range(0, 12).Select(n => LedgerTown.Request() with { Rule = $"rule-{n}" }), Token);

        Assert.InRange(TimeProvider.System.GetElapsedTime(began), TimeSpan.FromSeconds(0.9), TimeSpan.FromSeconds(9));
        Assert.Equal(12, (await town.Pending.ListAsync(Token)).Count);
        town.Work.Gate.SetResult();
    }

    [Fact]
    public async Task What_one_action_cannot_be_recorded_for_does_not_withhold_the_others()
    {
        await using var town = await LedgerTown.StartAsync((_, _) => new Succeeded(), Token);
        var tooDeep = JsonDocument.Parse(new string('[', 800) + new string(']', 800), new() { MaxDepth = 900 }).RootElement;

        var fault = await Assert.ThrowsAnyAsync<Exception>(() => town.Runner.RunAsync(Event, [LedgerTown.Request() with { Rule = "deep", Plan = tooDeep }, LedgerTown.Request()], Token));

        Assert.IsNotType<DaprException>(fault);
        Assert.Equal(ActionStatus.Succeeded, (await town.RecordAsync(Event, record => record.IsFinished, Token)).Status);
    }

    [Fact]
    public async Task The_deepest_event_that_is_read_is_recorded_too()
    {
        await using var town = await LedgerTown.StartAsync((_, _) => new Succeeded(), Token);
        var deep = SampleEvents.Of("RunCompleted", new string('[', JsonLimits.MaxDepth - 1) + new string(']', JsonLimits.MaxDepth - 1));

        await town.Runner.RunAsync(deep, [LedgerTown.Request()], Token);

        Assert.Equal(ActionStatus.Succeeded, (await town.RecordAsync(deep, record => record.IsFinished, Token)).Status);
    }

    [Fact]
    public async Task A_message_does_not_wait_for_a_long_step_which_is_remembered_and_goes_on()
    {
        await using var town = await LedgerTown.StartAsync((_, _) => new Succeeded(), Token, ("Ledger:HandlerBudget", "00:00:00.050"));
        town.Work.IsGated = true;

        await town.Runner.RunAsync(Event, [LedgerTown.Request()], Token);

        var pending = Assert.Single(await town.Pending.ListAsync(Token));
        Assert.Equal(ActionRecord.IdOf("tester", "r", Event), pending.Id);
        town.Work.Gate.SetResult();
        Assert.Equal(ActionStatus.Succeeded, (await town.RecordAsync(Event, record => record.IsFinished, Token)).Status);
        Assert.Equal(1, town.Work.Steps);
    }

    [Fact]
    public async Task A_finished_action_leaves_the_pending_index()
    {
        await using var town = await LedgerTown.StartAsync((_, step) => step == 1 ? new Proceed("waiting", TimeSpan.FromMilliseconds(10)) : new Succeeded(), Token);

        await town.Runner.RunAsync(Event, [LedgerTown.Request()], Token);
        await town.RecordAsync(Event, record => record.IsFinished, Token);

        using var poll = new PeriodicTimer(TimeSpan.FromMilliseconds(20), TimeProvider.System);
        while ((await town.Pending.ListAsync(Token)).Count > 0)
        {
            await poll.WaitForNextTickAsync(Token);
        }
    }

    [Fact]
    public async Task While_the_state_store_is_away_nothing_is_acknowledged()
    {
        await using var town = await LedgerTown.StartAsync((_, _) => new Succeeded(), Token);
        town.Town.Service.Expected = log => log.Category?.Contains("HealthChecks", StringComparison.Ordinal) == true;
        await town.Town.StopSidecarAsync();

        await Assert.ThrowsAnyAsync<DaprException>(() => town.Runner.RunAsync(Event, [LedgerTown.Request()], Token));

        Assert.Equal(0, town.Work.Steps);
    }

    [Fact]
    public async Task What_a_step_came_to_is_recorded_when_the_sidecar_is_back()
    {
        await using var town = await LedgerTown.StartAsync((_, _) => new Succeeded { Detail = "done" }, Token, ("Ledger:HandlerBudget", "00:01:00"));
        town.Town.Service.Expected = log => log.Category?.Contains("HealthChecks", StringComparison.Ordinal) == true;
        town.Work.IsGated = true;
        var running = town.Runner.RunAsync(Event, [LedgerTown.Request()], Token);
        await town.Work.Taken.FirstAsync(_ => true, Token);
        await town.Town.StopSidecarAsync();
        town.Work.Gate.SetResult();

        await town.Town.StartSidecarAsync(Token);
        await running;

        var record = await town.RecordAsync(Event, record => record.IsFinished, Token);
        Assert.Equal((ActionStatus.Succeeded, "done", false, 1), (record.Status, record.Detail, record.Interrupted, town.Work.Steps));
    }

    private static ActionRecord Held(TimeSpan until) => LedgerTown.Request().ToRecord("tester", Event, TimeProvider.System.GetUtcNow()) with
    {
        LeaseOwner = "a-replica-that-died",
        LeaseUntil = TimeProvider.System.GetUtcNow() + until,
    };
}
