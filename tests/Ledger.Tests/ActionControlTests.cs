using System.Text.Json;

using Microsoft.Extensions.DependencyInjection;

using MLEvents.Events;
using MLEvents.Tests.Common;
using MLEvents.Tests.Services;

namespace MLEvents.Ledger.Tests;

/// <summary>The operators' routes for actions, over HTTP.</summary>
public sealed class ActionControlTests
{
    private static readonly WorkflowEvent Event = SampleEvents.Create("RunCompleted", """{"runTags":{"mlevents.correlation":"chain-1"}}""", "experiments/1/runs/2");
    private static readonly string Id = ActionRecord.IdOf("tester", "r", Event);
    private static readonly PlannedAction Request = LedgerFixture.Request() with { Plan = JsonSerializer.SerializeToElement(new { say = "hello" }) };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_failed_action_is_listed_and_a_retry_executes_it_in_a_new_generation()
    {
        await using var fixture = await LedgerFixture.StartAsync((record, step) => step switch
        {
            1 => new Continue("made", TimeSpan.Zero) { State = new Dictionary<string, string> { ["name"] = record.RemoteId } },
            2 => new Failed { Detail = "it broke" },
            _ => new Succeeded { Detail = $"{record.RemoteId} '{record.Stage}' {record.State.Count}" },
        }, Token);
        await fixture.Runner.RunAsync(Event, [Request], Token);
        var failed = (await AskAsync(fixture, HttpMethod.Get, "/actions?status=failed")).Body.GetProperty("items")[0];

        var (status, retried) = await AskAsync(fixture, HttpMethod.Post, $"/actions/{Id}/retry");

        Assert.Equal((Id, "failed", "it broke", "chain-1"), (Text(failed, "id"), Text(failed, "status"), Text(failed, "detail"), Text(failed, "correlationId")));
        Assert.Equal((200, "running", 2), (status, Text(retried, "status"), retried.GetProperty("attempt").GetInt32()));
        var end = await fixture.Fixture.Activity.FirstAsync(action => action.Status == "succeeded", Token);
        Assert.Equal(($"{Id}-r1 '' 0", 2), (end.Detail, end.Attempt));
        Assert.Equal(["accepted", "failed made", "running", "running made", "succeeded"], await fixture.Fixture.ChangesAsync(Event, 5, Token));
        Assert.Equal([0, 0, 0, 1, 1], fixture.Fixture.Activity.All.Select(action => action.Generation).Order());
        await fixture.Fixture.Service.AskUntilAsync("/actions", list => list.GetProperty("items").GetArrayLength() == 0, Token);
        Assert.Equal(2, (await fixture.RecordAsync(Event, record => record.IsFinished, Token)).Version);
        Assert.Empty(await fixture.Pending.ListAsync(Token));
    }

    [Fact]
    public async Task The_operator_the_address_and_the_reason_of_a_retry_are_in_the_record_the_activity_and_the_answer()
    {
        await using var fixture = await LedgerFixture.StartAsync((_, step) => step == 1 ? new Failed { Detail = "it broke" } : new Succeeded(), Token);
        await fixture.Runner.RunAsync(Event, [Request], Token);

        var (_, retried) = await AskAsync(fixture, HttpMethod.Post, $"/actions/{Id}/retry?reason=the%20data%20was%20fixed");
        var (status, _) = await AskAsync(fixture, HttpMethod.Post, $"/actions/{Id}/retry?reason={new string('x', Intervention.MaxReasonLength + 1)}");

        var restarted = await fixture.Fixture.Activity.FirstAsync(action => action.Intervention is not null, Token);
        var record = await fixture.RecordAsync(Event, record => record.IsFinished, Token);
        Assert.Equal(("retry", "operator", "127.0.0.1", "the data was fixed"), (restarted.Intervention?.Operation, restarted.Intervention?.By, restarted.Intervention?.From, restarted.Intervention?.Reason));
        Assert.Equal("restarted by an operator from 127.0.0.1; reason: the data was fixed", restarted.Detail);
        Assert.Equal(restarted.Intervention, record.Intervention);
        Assert.Equal("the data was fixed", Text(retried.GetProperty("intervention"), "reason"));
        Assert.Equal(400, status);
    }

    [Fact]
    public async Task An_action_that_fails_again_is_listed_again_and_the_next_retry_is_another_generation()
    {
        await using var fixture = await LedgerFixture.StartAsync((record, _) => new Failed { Detail = record.RemoteId }, Token);
        await fixture.Runner.RunAsync(Event, [Request], Token);

        for (var generation = 1; generation <= 2; generation++)
        {
            await AskAsync(fixture, HttpMethod.Post, $"/actions/{Id}/retry");
            await fixture.RecordAsync(Event, record => record.IsFinished && record.Detail == $"{Id}-r{generation}", Token);
            await fixture.Fixture.Service.AskUntilAsync("/actions?status=failed", list => list.GetProperty("items").GetArrayLength() == 1, Token);
        }
    }

    [Fact]
    public async Task The_plan_of_the_current_rules_is_compared_with_the_recorded_plan_and_a_retry_can_use_the_current_rules()
    {
        await using var fixture = await LedgerFixture.StartAsync(
            (record, step) => step == 1 ? new Failed { Detail = "it broke" } : new Succeeded { Detail = $"{record.RuleVersion} {record.Plan.GetProperty("say")}" }, Token);
        await fixture.Runner.RunAsync(Event, [Request], Token);
        fixture.Requests.Now = [Request with { RuleVersion = "v2", Plan = JsonSerializer.SerializeToElement(new { say = "goodbye", to = "all" }) }];

        var (_, difference) = await AskAsync(fixture, HttpMethod.Get, $"/actions/{Id}/difference");
        var (status, retried) = await AskAsync(fixture, HttpMethod.Post, $"/actions/{Id}/retry?currentRules=true");
        var end = await fixture.RecordAsync(Event, record => record.Status == ActionStatus.Succeeded, Token);

        Assert.Equal(("changed", "v2"), (Text(difference, "outcome"), Text(difference, "ruleVersion")));
        Assert.Equal(["plan.say: hello -> goodbye", "plan.to: (absent) -> all"], difference.GetProperty("changes").EnumerateArray().Select(change => change.GetString()));
        Assert.Equal((200, "v2 goodbye", 1), (status, end.Detail, end.Generation));
        Assert.Equal("restarted by an operator from 127.0.0.1 with the current rules", Text(retried, "detail"));
    }

    [Fact]
    public async Task A_retry_with_rules_that_request_something_else_is_refused_with_the_reason()
    {
        await using var fixture = await LedgerFixture.StartAsync((_, _) => new Failed(), Token);
        await fixture.Runner.RunAsync(Event, [Request], Token);
        var refusals = new List<string?>();
        foreach (var now in (IReadOnlyList<PlannedAction>[])[[], [Request with { DeduplicationKey = "run=1" }], [LedgerFixture.Request("no such variable")], [Request]])
        {
            fixture.Requests.Now = now;
            var (_, difference) = await AskAsync(fixture, HttpMethod.Get, $"/actions/{Id}/difference");
            refusals.Add($"{Text(difference, "outcome")}: {Text(difference, "refusal")}");
        }

        fixture.Requests.Now = [];
        var (status, problem) = await AskAsync(fixture, HttpMethod.Post, $"/actions/{Id}/retry?currentRules=true");

        Assert.StartsWith("refused: No rule 'r' matches the event now.", refusals[0], StringComparison.Ordinal);
        Assert.StartsWith("refused: The rule 'r' requests another action for the event now", refusals[1], StringComparison.Ordinal);
        Assert.StartsWith("refused: The rule still cannot be evaluated for the event: no such variable", refusals[2], StringComparison.Ordinal);
        Assert.Equal("same: ", refusals[3]);
        Assert.Equal(409, status);
        Assert.Contains("No rule 'r' matches", Text(problem, "detail"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_retry_of_another_generation_than_the_operator_saw_is_refused()
    {
        await using var fixture = await LedgerFixture.StartAsync((_, _) => new Failed(), Token);
        await fixture.Runner.RunAsync(Event, [Request], Token);

        var (first, _) = await AskAsync(fixture, HttpMethod.Post, $"/actions/{Id}/retry?generation=0");
        await fixture.RecordAsync(Event, record => record is { IsFinished: true, Generation: 1 }, Token);
        var (second, problem) = await AskAsync(fixture, HttpMethod.Post, $"/actions/{Id}/retry?generation=0");

        Assert.Equal((200, 409), (first, second));
        Assert.Contains("it is in generation 1, not 0", Text(problem, "detail"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_list_of_failed_actions_can_be_filtered_by_time_chain_and_error()
    {
        await using var fixture = await LedgerFixture.StartAsync((_, _) => new Failed { Detail = "535 Refused" }, Token);
        await fixture.Runner.RunAsync(Event, [Request], Token);

        var counts = new List<int>();
        foreach (var query in (string[])["error=refused", "error=other", "since=2000-01-01T00:00:00Z", "since=2999-01-01T00:00:00Z", "until=2000-01-01T00:00:00Z", "correlation=chain-1", "correlation=other"])
        {
            counts.Add((await AskAsync(fixture, HttpMethod.Get, $"/actions?status=failed&{query}")).Body.GetProperty("items").GetArrayLength());
        }

        Assert.Equal([1, 0, 1, 0, 0, 1, 0], counts);
        Assert.Equal(400, (await AskAsync(fixture, HttpMethod.Get, "/actions?since=soon")).Status);
    }

    [Fact]
    public async Task A_redelivered_event_does_not_repeat_an_action_that_succeeded_after_a_retry()
    {
        await using var fixture = await LedgerFixture.StartAsync((_, step) => step == 1 ? new Failed() : new Succeeded(), Token);
        await fixture.Runner.RunAsync(Event, [Request], Token);
        await AskAsync(fixture, HttpMethod.Post, $"/actions/{Id}/retry");
        await fixture.RecordAsync(Event, record => record.Status == ActionStatus.Succeeded, Token);

        await fixture.Runner.RunAsync(Event, [Request], Token);

        Assert.Equal(2, fixture.Work.Steps);
    }

    [Fact]
    public async Task Only_one_of_concurrent_retries_is_accepted()
    {
        await using var fixture = await LedgerFixture.StartAsync((_, step) => step == 1 ? new Failed() : new Continue("waiting", TimeSpan.FromHours(1)), Token);
        await fixture.Runner.RunAsync(Event, [Request], Token);

        var answers = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => AskAsync(fixture, HttpMethod.Post, $"/actions/{Id}/retry")));

        Assert.Single(answers, answer => answer.Status == 200);
        Assert.All(answers.Where(answer => answer.Status != 200), answer => Assert.Equal(409, answer.Status));
        Assert.Equal(1, (await fixture.RecordAsync(Event, record => record.Stage == "waiting", Token)).Generation);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_succeeded_or_skipped_action_is_repeated_only_with_force(bool succeeds)
    {
        await using var fixture = await LedgerFixture.StartAsync((record, step) => step > 1 ? new Succeeded { Detail = $"{record.IsForced}" } : succeeds ? new Succeeded() : new Skipped(), Token);
        await fixture.Runner.RunAsync(Event, [Request], Token);

        var (refused, problem) = await AskAsync(fixture, HttpMethod.Post, $"/actions/{Id}/retry");
        var (forced, _) = await AskAsync(fixture, HttpMethod.Post, $"/actions/{Id}/retry?force=true");

        Assert.Equal((409, 200), (refused, forced));
        Assert.Contains("force=true", Text(problem, "detail"), StringComparison.Ordinal);
        var record = await fixture.RecordAsync(Event, record => record.Detail == "True", Token);
        Assert.Equal(2, fixture.Work.Steps);
        Assert.Empty(record.EarlierRemoteIds);
    }

    [Fact]
    public async Task An_action_whose_rule_could_not_be_evaluated_can_be_retried_only_after_the_rule_is_corrected()
    {
        await using var fixture = await LedgerFixture.StartAsync((record, _) => new Succeeded { Detail = $"{record.RuleVersion} {record.Plan.GetProperty("say")}" }, Token);
        fixture.Fixture.Service.Expected = log => log.Message.Contains("no such variable", StringComparison.Ordinal);
        await fixture.Runner.RunAsync(Event, [LedgerFixture.Request("no such variable")], Token);

        var refusals = new List<string?>();
        foreach (var now in (IReadOnlyList<PlannedAction>[])[[Request with { Rule = "another" }], [LedgerFixture.Request("no such variable")]])
        {
            fixture.Requests.Now = now;
            var (refused, problem) = await AskAsync(fixture, HttpMethod.Post, $"/actions/{Id}/retry?force=true");
            Assert.Equal(409, refused);
            refusals.Add(Text(problem, "detail"));
        }

        fixture.Requests.Now = [Request with { Rule = "another" }, Request with { RuleVersion = "v2" }];
        var (status, _) = await AskAsync(fixture, HttpMethod.Post, $"/actions/{Id}/retry");

        Assert.Contains("No rule 'r' matches the event", refusals[0], StringComparison.Ordinal);
        Assert.Contains("still cannot be evaluated for the event: no such variable. Correct the rule", refusals[1], StringComparison.Ordinal);
        Assert.Equal(200, status);
        Assert.Equal("v2 hello", (await fixture.RecordAsync(Event, record => record.Status == ActionStatus.Succeeded, Token)).Detail);
        Assert.Equal(1, fixture.Work.Steps);
    }

    [Fact]
    public async Task A_cancelled_action_stays_cancelled()
    {
        await using var fixture = await LedgerFixture.StartAsync((_, _) => new Continue("job-submitted", TimeSpan.FromHours(1)), Token);
        await fixture.Runner.RunAsync(Event, [Request], Token);

        var (status, cancelled) = await AskAsync(fixture, HttpMethod.Post, $"/actions/{Id}/cancel");
        await fixture.Waker.WakeAsync(Id, Token);
        await fixture.Runner.RunAsync(Event, [Request], Token);
        var (again, problem) = await AskAsync(fixture, HttpMethod.Post, $"/actions/{Id}/cancel");

        Assert.Equal((200, "skipped", "cancelled by an operator from 127.0.0.1 at stage 'job-submitted'; the objects that the action created continue"), (status, Text(cancelled, "status"), Text(cancelled, "detail")));
        Assert.Equal("skipped", (await fixture.Fixture.EndOfAsync("r", Event, Token)).Status);
        Assert.Equal(1, fixture.Work.Steps);
        Assert.Empty(await fixture.Pending.ListAsync(Token));
        Assert.Equal((409, "The action is skipped already."), (again, Text(problem, "detail")));
    }

    [Fact]
    public async Task No_step_begins_while_the_run_of_an_action_is_being_cancelled()
    {
        await using var fixture = await LedgerFixture.StartAsync((_, _) => new Continue("job-submitted", TimeSpan.FromHours(1)), Token);
        await fixture.Runner.RunAsync(Event, [Request], Token);
        await fixture.Records.UpdateAsync(Id, record => record with { DueAt = TimeProvider.System.GetUtcNow() }, Token);
        var taken = true;
        fixture.Requests.OnCancel = async _ =>
        {
            taken = await fixture.Services.GetRequiredService<ActionExecutor>().TryTakeAsync(Id, "another", Token) is not null;
            return new CancelAnswer(true, "Azure accepted the cancellation.");
        };

        var (status, cancelled) = await AskAsync(fixture, HttpMethod.Post, $"/actions/{Id}/cancel");

        Assert.Equal((200, "skipped", false), (status, Text(cancelled, "status"), taken));
        Assert.EndsWith("Azure accepted the cancellation.", Text(cancelled, "detail"), StringComparison.Ordinal);
        Assert.Empty(await fixture.Pending.ListAsync(Token));
    }

    [Fact]
    public async Task A_cancellation_gets_a_record_marked_as_interrupted_if_the_last_step_did_not_release_its_lease()
    {
        await using var fixture = await LedgerFixture.StartAsync((_, _) => new Continue("job-submitted", TimeSpan.FromHours(1)), Token);
        await fixture.Runner.RunAsync(Event, [Request], Token);
        await fixture.Records.UpdateAsync(Id, record => record with { LeaseOwner = "ended", LeaseUntil = fixture.Time.GetUtcNow().AddSeconds(-1) }, Token);
        var isInterrupted = false;
        fixture.Requests.OnCancel = record =>
        {
            isInterrupted = record.Interrupted;
            return Task.FromResult<CancelAnswer?>(new(true, "no run was started"));
        };

        var (status, _) = await AskAsync(fixture, HttpMethod.Post, $"/actions/{Id}/cancel");

        Assert.Equal((200, true), (status, isInterrupted));
    }

    [Theory]
    [InlineData(false, 409)]
    [InlineData(true, 503)]
    public async Task An_action_whose_run_is_not_cancelled_continues_at_its_due_time(bool throws, int status)
    {
        await using var fixture = await LedgerFixture.StartAsync((_, _) => new Continue("job-submitted", TimeSpan.FromHours(1)), Token);
        await fixture.Runner.RunAsync(Event, [Request], Token);
        var before = await fixture.RecordAsync(Event, record => record.DueAt is not null, Token);
        fixture.Requests.OnCancel = async record =>
        {
            // The test defers the action to the end of the lease, as a reconciler does when it finds the leased action.
            await fixture.Pending.PostponeAsync(record, TimeProvider.System.GetUtcNow().AddSeconds(30), Token);
            return throws ? throw new Dapr.DaprException("the state store is unavailable") : new CancelAnswer(false, "Azure refused the cancellation.");
        };

        var answer = await AskAsync(fixture, HttpMethod.Post, $"/actions/{Id}/cancel");

        Assert.Equal(status, answer.Status);
        var after = await fixture.RecordAsync(Event, _ => true, Token);
        Assert.Equal((null, before.DueAt, before.StatusName), (after.LeaseOwner, after.DueAt, after.StatusName));
        Assert.Equal(before.DueAt, Assert.Single(await fixture.Pending.ListAsync(Token)).DueAt);
    }

    [Fact]
    public async Task A_wake_while_the_run_is_being_cancelled_does_not_prevent_the_cancellation()
    {
        await using var fixture = await LedgerFixture.StartAsync((_, _) => new Continue("job-submitted", TimeSpan.FromHours(1)), Token);
        await fixture.Runner.RunAsync(Event, [Request], Token);
        fixture.Requests.OnCancel = async _ =>
        {
            await fixture.Waker.WakeAsync(Id, Token);
            return new CancelAnswer(true, "Azure accepted the cancellation.");
        };

        var (status, cancelled) = await AskAsync(fixture, HttpMethod.Post, $"/actions/{Id}/cancel");

        Assert.Equal((200, "skipped", 1), (status, Text(cancelled, "status"), fixture.Work.Steps));
    }

    [Fact]
    public async Task An_action_that_is_woken_while_its_cancellation_is_refused_continues_at_once()
    {
        await using var fixture = await LedgerFixture.StartAsync((_, step) => step == 1 ? new Continue("job-submitted", TimeSpan.FromHours(1)) : new Succeeded(), Token);
        await fixture.Runner.RunAsync(Event, [Request], Token);
        fixture.Requests.OnCancel = async _ =>
        {
            await fixture.Waker.WakeAsync(Id, Token);
            return new CancelAnswer(false, "Azure refused the cancellation.");
        };

        var (status, _) = await AskAsync(fixture, HttpMethod.Post, $"/actions/{Id}/cancel");

        Assert.Equal(409, status);
        Assert.Equal(ActionStatus.Succeeded, (await fixture.RecordAsync(Event, record => record.IsFinished, Token)).Status);
    }

    [Fact]
    public async Task A_cancellation_whose_result_could_not_be_written_can_be_repeated_at_once()
    {
        using var calls = new SidecarCalls();
        await using var fixture = await LedgerFixture.StartAsync((_, _) => new Continue("job-submitted", TimeSpan.FromHours(1)), calls, Token);
        await fixture.Runner.RunAsync(Event, [Request], Token);
        var isCancelled = false;
        fixture.Requests.OnCancel = _ =>
        {
            isCancelled = true;
            return Task.FromResult<CancelAnswer?>(new(true, "Azure accepted the cancellation."));
        };
        var isFailing = true;
        calls.OnCall = call =>
        {
            if (!isCancelled || !isFailing || call.Method != "SaveState")
            {
                return call.ForwardAsync();
            }

            isFailing = false;
            return Task.FromResult(SidecarCall.Fail(Grpc.Core.StatusCode.Unavailable));
        };

        var failed = await AskAsync(fixture, HttpMethod.Post, $"/actions/{Id}/cancel");
        var left = await fixture.RecordAsync(Event, _ => true, Token);
        var pending = Assert.Single(await fixture.Pending.ListAsync(Token));
        var (status, cancelled) = await AskAsync(fixture, HttpMethod.Post, $"/actions/{Id}/cancel");

        Assert.Equal((503, false), (failed.Status, isFailing));
        Assert.Equal((null, "job-submitted"), (left.LeaseOwner, left.Stage));
        Assert.Equal(fixture.Time.GetUtcNow() + new LedgerOptions().Lease, left.DueAt);
        Assert.Equal(left.DueAt, pending.DueAt);
        Assert.Equal((200, "skipped"), (status, Text(cancelled, "status")));
        Assert.Empty(await fixture.Pending.ListAsync(Token));
    }

    [Fact]
    public async Task A_running_step_is_not_interrupted_by_a_cancellation_or_a_retry()
    {
        await using var fixture = await LedgerFixture.StartAsync((_, _) => new Succeeded(), Token);
        fixture.Work.IsGated = true;
        var running = fixture.Runner.RunAsync(Event, [Request], Token);
        await fixture.Work.Taken.FirstAsync(_ => true, Token);

        var cancelled = await AskAsync(fixture, HttpMethod.Post, $"/actions/{Id}/cancel");
        var retried = await AskAsync(fixture, HttpMethod.Post, $"/actions/{Id}/retry?force=true");
        fixture.Work.Gate.SetResult();
        await running;

        Assert.Equal((409, 409), (cancelled.Status, retried.Status));
        Assert.Contains("is running", Text(cancelled.Body, "detail"), StringComparison.Ordinal);
        Assert.Equal("succeeded", (await fixture.Fixture.EndOfAsync("r", Event, Token)).Status);
    }

    [Fact]
    public async Task An_action_is_shown_in_full()
    {
        await using var fixture = await LedgerFixture.StartAsync((_, _) => new Succeeded { Detail = "done", State = new Dictionary<string, string> { ["a"] = "1" } }, Token);
        var deep = SampleEvents.Create("RunCompleted", $"{{\"n\":{new string('[', 400)}{new string(']', 400)}}}");
        await fixture.Runner.RunAsync(deep, [Request], Token);

        var (status, shown) = await AskAsync(fixture, HttpMethod.Get, "/actions/" + ActionRecord.IdOf("tester", "r", deep), 600);

        Assert.Equal((200, "succeeded", "done"), (status, Text(shown, "status"), Text(shown, "detail")));
        Assert.Equal("hello", shown.GetProperty("plan").GetProperty("say").GetString());
        Assert.Equal("1", shown.GetProperty("state").GetProperty("a").GetString());
        Assert.Equal(deep.Id, shown.GetProperty("envelope").GetProperty("id").GetString());
    }

    [Theory]
    [InlineData("GET", "/actions/0123456789abcdef0123")]
    [InlineData("POST", "/actions/0123456789abcdef0123/retry")]
    [InlineData("POST", "/actions/0123456789abcdef0123/cancel")]
    [InlineData("GET", "/actions/nonsense")]
    [InlineData("POST", "/actions/nonsense/retry")]
    [InlineData("POST", "/actions/nonsense/cancel")]
    public async Task An_unknown_action_returns_404(string method, string path)
    {
        await using var fixture = await LedgerFixture.StartAsync((_, _) => new Succeeded(), Token);

        Assert.Equal(404, (await AskAsync(fixture, new HttpMethod(method), path)).Status);
    }

    [Theory]
    [InlineData("perhaps")]
    [InlineData("True")]
    public async Task A_value_of_force_other_than_true_or_false_returns_400(string force)
    {
        await using var fixture = await LedgerFixture.StartAsync((_, _) => new Succeeded(), Token);

        Assert.Equal(400, (await AskAsync(fixture, HttpMethod.Post, $"/actions/{Id}/retry?force={force}")).Status);
    }

    private static Task<(int Status, JsonElement Body)> AskAsync(LedgerFixture fixture, HttpMethod method, string path, int depth = 64) => fixture.Fixture.Service.AskAsync(method, path, Token, depth);

    private static string? Text(JsonElement element, string name) => element.GetProperty(name).GetString();
}
